// SPDX-License-Identifier: MIT
// The scheduler as shared by many workers: adds a lock, the clock and waiting. An input becomes
// units only when it is opened, and a failed task may come back, so an idle worker may have to wait
// for a busy one.
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

  // Waits for the next task; nothing once all have ended.
  std::optional<Task> next();

  // See Scheduler.
  bool opened(const Task& task, Mode mode, std::vector<Unit> units);
  bool done(const Task& task, std::int64_t grown);
  bool failed(const Task& task);
  bool may_try_again(const Task& task);
  bool again(const Task& task, double pause_seconds);
  void closed(std::size_t input, bool failed);
  bool is_for_later(Mode mode) const { return scheduler_.is_for_later(mode); }

 private:
  template <class F>
  auto told(F tell);  // calls `tell` under the lock, then wakes the waiting workers

  Scheduler scheduler_;
  const StopFlag& stop_;
  std::mutex mutex_;
  std::condition_variable changed_;
};

}  // namespace quadrant
