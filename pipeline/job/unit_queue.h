// SPDX-License-Identifier: MIT
// The scheduler as many workers share it: behind a lock, with the clock, waiting until there is
// something to do. An input becomes units only when it is opened, and a failed one may come back,
// so whoever asks may have to wait for somebody who is at work.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>

#include "pipeline/job/scheduler.h"
#include "pipeline/media/stop.h"

namespace quadrant {

class UnitQueue {
 public:
  UnitQueue(Scheduler::Setup setup, const StopFlag& stop)
      : scheduler_(std::move(setup)), stop_(stop) {}

  // The next task; nothing once all have ended.
  std::optional<Task> next();

  // As the scheduler's.
  bool opened(const Task& task, Mode mode, std::vector<Unit> units);
  bool done(const Task& task);
  bool failed(const Task& task);
  bool may_try_again(const Task& task);
  bool again(const Task& task, double pause_seconds);
  void closed(std::size_t input, bool failed);
  bool is_for_later(Mode mode) const { return scheduler_.is_for_later(mode); }

 private:
  template <class F>
  auto told(F tell);  // under the lock; then whoever waits looks again

  Scheduler scheduler_;
  const StopFlag& stop_;
  std::mutex mutex_;
  std::condition_variable changed_;
};

}  // namespace quadrant
