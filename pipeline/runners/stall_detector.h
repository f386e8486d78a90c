// SPDX-License-Identifier: MIT
// run.timeout inside one process: looks at all attempts and asks those that make no progress to
// end. One that waits for storage or the network listens; one that is in a call of a codec or a
// filter does not, and no thread can be ended from outside. For that there is run.isolate.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "pipeline/runners/attempt.h"

namespace quadrant {

// For how long something made no progress. The time in which the one who looks was itself stopped
// (SIGSTOP, a suspended machine) or starved of its core is no standstill of the other, so what lies
// between two looks counts only as far as it was meant to.
class Standstill {
 public:
  // Seconds without progress; `progress` is any number that changes with it. To be asked often:
  // between two calls at most `longest_look` counts.
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

  // The attempt is looked at for as long as this lives; no detector: it is not.
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
