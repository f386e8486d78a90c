// SPDX-License-Identifier: MIT
// Counts idle workers, and remembers since when there have been enough of them to help the busy
// ones.
#pragma once

#include <algorithm>
#include <atomic>
#include <mutex>

#include "pipeline/observe/clocks.h"
#include "pipeline/plan/bounds.h"

namespace quadrant {

class IdleWorkers {
 public:
  explicit IdleWorkers(int workers) : workers_(workers) {}

  void work_begins() { change(+1); }
  void work_ends() { change(-1); }

  // They have been able to help for a while, all of it after `began`: the short gap between two
  // units does not count.
  bool can_help_since(double began) const {
    return wall_seconds() - std::max(began, since_.load()) >= grace;
  }

 private:
  static constexpr double never = 1e300, grace = 0.05;  // seconds

  void change(int by) {
    const std::lock_guard lock(mutex_);
    busy_ += by;
    if (!can_help(workers_ - busy_, workers_))
      since_ = never;
    else if (since_ == never)
      since_ = wall_seconds();
  }

  const int workers_;
  std::mutex mutex_;
  int busy_ = 0;
  std::atomic<double> since_{never};
};

}  // namespace quadrant
