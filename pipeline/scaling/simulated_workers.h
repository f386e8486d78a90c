// SPDX-License-Identifier: MIT
// What simulated graphs are made of: the workers that their tasks share, and the order in which a
// lane gives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>

#include "pipeline/scaling/simulated_cores.h"

namespace quadrant {

// The workers of all graphs. As oneTBB's do, they go on with a lane that has more to do, then take
// what they spawned themselves, later nodes first, then what the threads that read gave them: so
// frames come in batches.
class SimulatedWorkers {
 public:
  using Event = SimulatedCores::Event;
  using Task = std::function<void(Event done)>;  // holds its worker until it calls `done`

  explicit SimulatedWorkers(int count) : free_(count) {}
  void go_on(Task task) {
    spawned_[most_urgent].push_back(std::move(task));
    start();
  }
  void spawn(std::size_t node, Task task) {
    spawned_[node].push_back(std::move(task));
    start();
  }
  void feed(Task task) {
    fed_.push_back(std::move(task));
    start();
  }

 private:
  void start() {
    while (free_ > 0 && !(spawned_.empty() && fed_.empty())) {
      const Task task = take();
      --free_;
      task([this] {
        ++free_;
        start();
      });
    }
  }

  Task take() {
    const auto latest = spawned_.empty() ? spawned_.end() : std::prev(spawned_.end());
    std::deque<Task>& queue = spawned_.empty() ? fed_ : latest->second;
    Task task = std::move(queue.front());
    queue.pop_front();
    if (&queue != &fed_ && queue.empty()) spawned_.erase(latest);
    return task;
  }

  int free_;
  static constexpr std::size_t most_urgent = SIZE_MAX;
  std::map<std::size_t, std::deque<Task>> spawned_;  // by node
  std::deque<Task> fed_;
};

// Takes numbers in any order, gives them one after another.
class SimulatedOrder {
 public:
  explicit SimulatedOrder(std::int64_t next = 0) : next_(next) {}
  void arrived(std::int64_t number) { there_.insert(number); }
  bool ready() const { return !there_.empty() && *there_.begin() == next_; }
  std::int64_t take() {
    there_.erase(there_.begin());
    return next_++;
  }

 private:
  std::int64_t next_;
  std::set<std::int64_t> there_;
};

}  // namespace quadrant
