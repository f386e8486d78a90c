// SPDX-License-Identifier: MIT
// Decides what runs next. It does no I/O, starts nothing and reads no clock: units, results, a stop
// and the time go in, tasks come out. So it can be tested with a runner that does nothing.
//
// A task opens an input, which gives its units, or does one unit. Known units come before further
// inputs, so that an open input finishes soon. A task runs when there are a slot, cores and memory
// for it; a unit that needs more memory than there is runs alone. What a unit takes is estimated
// when it is planned; what the first units took corrects that.
//
// Units of one mode run together; units of another mode wait until no task runs, since executors of
// two modes would compete for the cores. Where each unit has its own cores (child processes), units
// of any modes run together.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "pipeline/config/mode.h"
#include "pipeline/plan/unit.h"

namespace quadrant {

struct Task {
  std::size_t input = 0;
  std::optional<Unit> unit;   // none: open the input
  int tries = 0;              // failed attempts so far
  std::int64_t rank = 0;      // the unit with the higher rank starts first
  int cores = 1;              // that it may use
  std::int64_t memory = 0;    // bytes for its frames in progress
  std::int64_t reserved = 0;  // bytes of all, as the scheduler counts them
};

class Scheduler {
 public:
  struct Slots {
    int units = 1;    // at once
    int threads = 0;  // that the units' encoders may use; 0: any number
  };
  struct Setup {
    std::size_t inputs = 0;
    Mode first = Mode::sequential;  // while inputs are opened
    int cores = 1;
    std::int64_t memory = 0;        // bytes for all units together
    std::int64_t frame_memory = 0;  // of that, for frames in progress; tasks get their share
    std::int64_t unit_memory = 0;   // bytes of each unit beside its own: of its process
    std::function<Slots(Mode)> slots;
    bool divides_cores = false;  // each unit has its own; the slots of `first` are all there are
    int retries = 0;             // per task
    int max_failures = 0;        // failed inputs until no more tasks start; 0: any number
  };
  explicit Scheduler(Setup setup);

  struct Next {
    std::optional<Task> task;
    bool finished = false;  // no task will come, and none is running
    double look_again = 0;  // time of the next retry; 0: only a result brings a new task
  };
  Next next(double now);

  // The result of a task. True: the input has nothing left to do; the caller finishes the input and
  // then calls closed().
  bool opened(const Task& task, Mode mode, std::vector<Unit> units);
  // `grown`: bytes by which the process's memory grew for all units so far, at its peak; 0:
  // unknown. Estimates are corrected by it.
  bool done(const Task& task, std::int64_t grown = 0);
  bool failed(const Task& task);
  // again() replaces failed() where may_try_again() allows it; the caller cleans up between the
  // two.
  bool may_try_again(const Task& task) const;
  bool again(const Task& task, double not_before);
  void closed(std::size_t input, bool failed);

  void stop() { stopped_ = true; }        // no further task
  bool ends() const { return stopped_; }  // after stop(), or after max_failures
  // Must an input of this mode wait until all others are opened?
  bool is_for_later(Mode mode) const { return !setup_.divides_cores && mode != setup_.first; }

 private:
  struct Input {
    Mode mode = Mode::automatic;
    std::deque<Task> waiting;  // units, highest rank first
    int running = 0;           // tasks that run or wait for a retry
    bool failed = false;
    double memory_factor = 1;  // what its units take, by their estimate; below 1
  };
  using Key = std::pair<std::int64_t, std::size_t>;  // negated rank, input

  void take_again(double now);
  std::optional<Task> first_unit(Mode mode);
  std::optional<Task> next_input();
  Task begun(Task task, Mode mode);
  void enqueue(Task task);
  void ended(const Task& task);
  bool has_slot(Mode mode) const;
  bool fits(const Unit& unit, std::size_t input, Mode mode) const;
  std::int64_t memory_of(const Unit& unit, std::size_t input) const;
  void learn(std::int64_t grown);
  bool is_over(std::size_t input) const;
  int others() const;

  const Setup setup_;
  bool stopped_ = false;
  std::size_t next_ = 0, closed_ = 0;  // inputs
  int failures_ = 0, running_ = 0, opening_ = 0, free_cores_ = 0, threads_ = 0;
  std::int64_t memory_ = 0;                          // reserved
  std::int64_t estimated_ = 0, most_estimated_ = 0;  // of the units that run; at once so far
  double memory_factor_ = 1;  // what all units take, by their estimate; above 1
  bool has_learned_ = false;
  Mode mode_ = Mode::automatic;          // of the tasks that run
  std::size_t waiting_ = 0;              // units
  std::map<std::size_t, Input> inputs_;  // opened and not closed
  std::map<Mode, std::set<Key>> ready_;  // inputs with waiting units, by mode
  std::deque<Task> reopen_;              // inputs whose opening is retried
  std::multimap<double, Task> later_;    // waiting for a retry, by time
};

}  // namespace quadrant
