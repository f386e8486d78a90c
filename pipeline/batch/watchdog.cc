// SPDX-License-Identifier: MIT
#include "pipeline/batch/watchdog.h"

#include <chrono>

namespace quadrant {
namespace {
constexpr std::chrono::milliseconds look_interval{50};
}

Watchdog::Watchdog(double timeout) : timeout_(timeout), thread_([this] { look(); }) {}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Watchdog::watch(Attempt& attempt) {
  const std::lock_guard lock(mutex_);
  watched_.try_emplace(&attempt);
}

void Watchdog::forget(Attempt& attempt) {
  const std::lock_guard lock(mutex_);
  watched_.erase(&attempt);
}

void Watchdog::look() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, look_interval, [&] { return ended_; }))
    for (auto& [attempt, patience] : watched_)
      if (!attempt->overdue && patience.stood_still(attempt->progress()) > timeout_) attempt->end();
}

}  // namespace quadrant
