// SPDX-License-Identifier: MIT
#include "pipeline/job/unit_queue.h"

#include <algorithm>
#include <chrono>

#include "pipeline/observe/clocks.h"

namespace quadrant {
namespace {
constexpr double stop_check_seconds = 0.05;  // raising the flag wakes no waiting worker
}

std::optional<Task> UnitQueue::next() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (stop_.raised()) scheduler_.stop();
    const double now = wall_seconds();
    Scheduler::Next next = scheduler_.next(now);
    if (next.task || next.finished) return std::move(next.task);
    const double pause = next.look_again > 0 ? next.look_again - now : stop_check_seconds;
    changed_.wait_for(lock, std::chrono::duration<double>(std::min(pause, stop_check_seconds)));
  }
}

template <class F>
auto UnitQueue::told(F tell) {
  const std::unique_lock lock(mutex_);
  changed_.notify_all();
  return tell();
}

bool UnitQueue::opened(const Task& task, Mode mode, std::vector<Unit> units) {
  return told([&] { return scheduler_.opened(task, mode, std::move(units)); });
}

bool UnitQueue::done(const Task& task, std::int64_t grown) {
  return told([&] { return scheduler_.done(task, grown); });
}

bool UnitQueue::failed(const Task& task) {
  return told([&] { return scheduler_.failed(task); });
}

bool UnitQueue::may_try_again(const Task& task) {
  const std::lock_guard lock(mutex_);
  return !stop_.raised() && scheduler_.may_try_again(task);
}

bool UnitQueue::again(const Task& task, double pause_seconds) {
  return told([&] { return scheduler_.again(task, wall_seconds() + pause_seconds); });
}

void UnitQueue::closed(std::size_t input, bool failed) {
  told([&] { scheduler_.closed(input, failed); });
}

}  // namespace quadrant
