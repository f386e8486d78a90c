// SPDX-License-Identifier: MIT
// A request to stop, raised by a signal handler or by the batch, seen by whoever may wait long.
#pragma once

#include <atomic>

namespace quadrant {

class StopFlag {
 public:
  StopFlag();
  ~StopFlag();
  StopFlag(const StopFlag&) = delete;
  StopFlag& operator=(const StopFlag&) = delete;

  void raise() noexcept;  // async-signal-safe
  bool raised() const noexcept { return raised_.load(std::memory_order_relaxed); }
  int descriptor() const { return read_end_; }  // readable once raised, for poll(2)

 private:
  std::atomic<bool> raised_{false};
  int read_end_ = -1, write_end_ = -1;
};

}  // namespace quadrant
