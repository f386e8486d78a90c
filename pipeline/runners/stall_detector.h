// SPDX-License-Identifier: MIT
// run.timeout inside one process: watches all attempts and asks those without progress to stop. An
// attempt that waits for storage or the network obeys; one inside a call of a codec or filter does
// not, and a thread cannot be killed from outside. run.isolate is for that.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "pipeline/runners/attempt.h"

namespace quadrant {

// Measures for how long something made no progress. Time in which the observer itself was suspended
// (SIGSTOP, a sleeping machine) or starved of its core is not a stall, so the time between two
// looks counts only up to the intended interval.
class Standstill {
 public:
  // Seconds without progress; `progress` is any number that changes with progress. Call it often:
  // at most `longest_look` counts between two calls.
  double seconds(std::int64_t progress) {
    constexpr double longest_look = 0.5;
    const double now = wall_seconds();
    seconds_ += std::min(now - looked_, longest_look);
    looked_ = now;
    if (progress != progress_) seconds_ = 0;
    progress_ = progress;
    return seconds_;
  }

 private:
  double looked_ = wall_seconds(), seconds_ = 0;
  std::int64_t progress_ = -1;
};

class StallDetector {
 public:
  explicit StallDetector(double timeout);  // seconds
  ~StallDetector();

  // Watches the attempt while this lives; without a detector it does nothing.
  class Watching {
   public:
    Watching(StallDetector* detector, Attempt& attempt) : detector_(detector), attempt_(attempt) {
      if (detector_) detector_->watch(attempt_);
    }
    ~Watching() {
      if (detector_) detector_->forget(attempt_);
    }
    Watching(const Watching&) = delete;
    Watching& operator=(const Watching&) = delete;

   private:
    StallDetector* detector_;
    Attempt& attempt_;
  };

 private:
  void watch(Attempt& attempt);
  void forget(Attempt& attempt);
  void look();

  double timeout_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::map<Attempt*, Standstill> watched_;
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace quadrant
