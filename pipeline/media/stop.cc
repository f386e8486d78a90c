// SPDX-License-Identifier: MIT
#include "pipeline/media/stop.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "pipeline/error.h"

namespace quadrant {

StopFlag::StopFlag() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) fail(Fault::temporary, "cannot make a pipe");
  read_end_ = ends[0];
  write_end_ = ends[1];
}

StopFlag::~StopFlag() {
  if (above_) return;
  close(read_end_);
  close(write_end_);
}

void StopFlag::raise() noexcept {
  raised_.store(true, std::memory_order_relaxed);
  if (above_) return;
  // The byte is never read, so every later poll() returns at once.
  [[maybe_unused]] const auto written = write(write_end_, "", 1);
}

}  // namespace quadrant
