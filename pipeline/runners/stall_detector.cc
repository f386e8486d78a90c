// SPDX-License-Identifier: MIT
#include "pipeline/runners/stall_detector.h"

#include <chrono>

#include "pipeline/begin_thread.h"

namespace quadrant {
namespace {
constexpr std::chrono::milliseconds look_interval{50};
}

StallDetector::StallDetector(double timeout)
    : timeout_(timeout), thread_(begin_thread([this] { look(); })) {}

StallDetector::~StallDetector() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void StallDetector::watch(Attempt& attempt) {
  const std::lock_guard lock(mutex_);
  watched_.try_emplace(&attempt);
}

void StallDetector::forget(Attempt& attempt) {
  const std::lock_guard lock(mutex_);
  watched_.erase(&attempt);
}

void StallDetector::look() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, look_interval, [&] { return ended_; }))
    for (auto& [attempt, standstill] : watched_)
      if (!attempt->stalled && standstill.seconds(attempt->progress()) > timeout_) attempt->end();
}

}  // namespace quadrant
