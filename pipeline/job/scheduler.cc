// SPDX-License-Identifier: MIT
#include "pipeline/job/scheduler.h"

#include <algorithm>
#include <bit>
#include <functional>

namespace quadrant {
namespace {

// The rest (other streams), whose cost nobody knows, starts first, then heavy segments: the last
// tasks should be short. Segments within a factor of four in weight rank equally, since coded bytes
// predict cost no better than that. So segments finish roughly in order, and the output can grow.
std::int64_t rank_of(const Unit& unit, std::int64_t heaviest) {
  if (unit.kind == Unit::Kind::rest) return INT64_MAX;
  const auto times =
      static_cast<std::uint64_t>(heaviest / std::max<std::int64_t>(1, unit.segment.weight));
  return heaviest / std::bit_floor(times < 4 ? std::uint64_t{1} : times);
}

bool takes_all_cores(Mode mode) { return mode == Mode::frames || mode == Mode::tiles; }

}  // namespace

Scheduler::Scheduler(Setup setup)
    : setup_(std::move(setup)), free_cores_(setup_.slots(setup_.first).units) {}

Scheduler::Next Scheduler::next(double now) {
  if (closed_ == setup_.inputs || (ends() && running_ == 0)) return {.finished = true};
  if (ends()) return {};
  take_again(now);
  Next next;
  if (!setup_.divides_cores && running_ > 0) {
    next.task = first_unit(mode_);
    if (!next.task && mode_ == setup_.first) next.task = next_input();
  } else {
    next.task = first_unit(setup_.first);
    if (!next.task) next.task = next_input();
    for (const auto& [mode, inputs] : ready_)
      if (!next.task) next.task = first_unit(mode);
  }
  if (!next.task && !later_.empty()) next.look_again = later_.begin()->first;
  return next;
}

void Scheduler::take_again(double now) {
  while (!later_.empty() && later_.begin()->first <= now) {
    Task again = std::move(later_.begin()->second);
    later_.erase(later_.begin());
    --inputs_[again.input].running;
    if (again.unit)
      enqueue(std::move(again));
    else
      reopen_.push_back(std::move(again));
  }
}

bool Scheduler::has_slot(Mode mode) const {
  const Mode limit = setup_.divides_cores ? setup_.first : mode;
  return running_ < setup_.slots(limit).units && (!setup_.divides_cores || free_cores_ > 0);
}

std::int64_t Scheduler::memory_of(const Unit& unit, std::size_t input) const {
  const double factor = memory_factor_ > 1 ? memory_factor_ : inputs_.at(input).memory_factor;
  return setup_.unit_memory + static_cast<std::int64_t>(factor * static_cast<double>(unit.memory));
}

// What the units took together, by their estimate. Less than estimated counts only for inputs that
// ran by then, and only once: later, some units are too young to have taken what they will.
void Scheduler::learn(std::int64_t grown) {
  if (grown <= 0 || most_estimated_ <= 0) return;
  constexpr double least = 0.5;
  const double factor = static_cast<double>(grown) / static_cast<double>(most_estimated_);
  memory_factor_ = std::max(memory_factor_, factor);
  if (!has_learned_ && factor < 1)
    for (auto& [index, input] : inputs_)
      if (input.running > 0) input.memory_factor = std::max(least, factor);
  has_learned_ = true;
}

bool Scheduler::fits(const Unit& unit, std::size_t input, Mode mode) const {
  if (running_ - opening_ == 0) return true;  // a unit alone always fits
  const int threads = setup_.slots(mode).threads;
  return memory_ + memory_of(unit, input) <= setup_.memory &&
         (threads == 0 || threads_ + unit.threads <= threads);
}

// The unit with the highest rank that fits.
std::optional<Task> Scheduler::first_unit(Mode mode) {
  const auto ready = ready_.find(mode);
  if (ready == ready_.end() || !has_slot(mode)) return std::nullopt;
  std::set<Key>& inputs = ready->second;
  const auto found = std::ranges::find_if(inputs, [&](const Key& key) {
    return fits(*inputs_[key.second].waiting.front().unit, key.second, mode);
  });
  if (found == inputs.end()) return std::nullopt;
  const std::size_t input = found->second;
  inputs.erase(found);
  std::deque<Task>& waiting = inputs_[input].waiting;
  Task first = std::move(waiting.front());
  waiting.pop_front();
  --waiting_;
  if (!waiting.empty()) inputs.insert({-waiting.front().rank, input});
  return begun(std::move(first), mode);
}

// A unit that waits for room comes before further inputs, which would otherwise take its room
// forever.
std::optional<Task> Scheduler::next_input() {
  const auto ready = ready_.find(setup_.first);
  if (!has_slot(setup_.first) || (ready != ready_.end() && !ready->second.empty()))
    return std::nullopt;
  if (!reopen_.empty()) {
    Task again = std::move(reopen_.front());
    reopen_.pop_front();
    return begun(std::move(again), setup_.first);
  }
  if (next_ == setup_.inputs) return std::nullopt;
  return begun({.input = next_++}, setup_.first);
}

Task Scheduler::begun(Task task, Mode mode) {
  ++inputs_[task.input].running;
  ++running_;
  mode_ = mode;
  opening_ += !task.unit;
  if (task.unit) {
    task.reserved = memory_of(*task.unit, task.input);
    memory_ += task.reserved;
    estimated_ += task.unit->memory;
    most_estimated_ = std::max(most_estimated_, estimated_);
    threads_ += task.unit->threads;
  }
  task.cores = setup_.divides_cores ? 1 : setup_.cores;
  task.memory = setup_.frame_memory;
  if (!setup_.divides_cores) return task;
  // A fair share of the free cores; other tasks may want some too.
  const int slots = setup_.slots(setup_.first).units;
  if (task.unit && takes_all_cores(mode)) task.cores += (free_cores_ - 1) / (1 + others());
  free_cores_ -= task.cores;
  task.memory = setup_.frame_memory * task.cores / slots;
  return task;
}

int Scheduler::others() const {
  return static_cast<int>(waiting_ + setup_.inputs - next_ + later_.size() + reopen_.size()) +
         opening_;
}

void Scheduler::enqueue(Task task) {
  const std::size_t input = task.input;
  Input& of = inputs_[input];
  std::set<Key>& ready = ready_[of.mode];
  if (!of.waiting.empty()) ready.erase({-of.waiting.front().rank, input});
  const auto place = std::ranges::upper_bound(of.waiting, task.rank, std::greater(), &Task::rank);
  of.waiting.insert(place, std::move(task));
  ready.insert({-of.waiting.front().rank, input});
  ++waiting_;
}

void Scheduler::ended(const Task& task) {
  --inputs_[task.input].running;
  --running_;
  opening_ -= !task.unit;
  if (setup_.divides_cores) free_cores_ += task.cores;
  if (!task.unit) return;
  memory_ -= task.reserved;
  estimated_ -= task.unit->memory;
  threads_ -= task.unit->threads;
}

bool Scheduler::is_over(std::size_t input) const {
  const Input& of = inputs_.at(input);
  return of.running == 0 && of.waiting.empty();
}

bool Scheduler::opened(const Task& task, Mode mode, std::vector<Unit> units) {
  ended(task);
  inputs_[task.input].mode = mode;
  std::int64_t heaviest = 1;
  for (const Unit& unit : units) heaviest = std::max(heaviest, unit.segment.weight);
  for (Unit& unit : units) {
    const std::int64_t rank = rank_of(unit, heaviest);
    enqueue({.input = task.input, .unit = std::move(unit), .rank = rank});
  }
  return is_over(task.input);
}

bool Scheduler::done(const Task& task, std::int64_t grown) {
  if (task.unit && task.unit->has_video()) learn(grown);
  ended(task);
  return is_over(task.input);
}

bool Scheduler::may_try_again(const Task& task) const {
  return task.tries < setup_.retries && !ends() && !inputs_.at(task.input).failed;
}

bool Scheduler::again(const Task& task, double not_before) {
  ended(task);
  Input& input = inputs_[task.input];
  if (input.failed) return is_over(task.input);  // another unit failed meanwhile
  ++input.running;
  Task again = task;
  ++again.tries;
  later_.emplace(not_before, std::move(again));
  return false;
}

// The input's other units do not start any more.
bool Scheduler::failed(const Task& task) {
  ended(task);
  Input& input = inputs_[task.input];
  input.failed = true;
  if (!input.waiting.empty()) ready_[input.mode].erase({-input.waiting.front().rank, task.input});
  waiting_ -= input.waiting.size();
  input.waiting.clear();
  input.running -= static_cast<int>(
      std::erase_if(later_, [&](const auto& each) { return each.second.input == task.input; }));
  return is_over(task.input);
}

void Scheduler::closed(std::size_t input, bool failed) {
  inputs_.erase(input);
  ++closed_;
  if (failed && setup_.max_failures > 0 && ++failures_ >= setup_.max_failures) stop();
}

}  // namespace quadrant
