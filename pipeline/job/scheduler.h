// SPDX-License-Identifier: MIT
// Says what runs next. It does no I/O, starts nothing and looks at no clock: units, results, a stop
// and the time go in, tasks come out, so that it is tested with a runner that does nothing.
//
// A task opens an input, which tells its units, or does one of them. Known units come before
// further inputs: an input that is begun is ended soon. A task runs when there is a slot, cores and
// memory for it; one that needs more memory than there is runs alone.
//
// Units of one mode run together, those of another when nothing else does: executors of two modes
// would fight for the cores. Where each unit has cores of its own (child processes) any may run
// beside any.
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
  std::optional<Unit> unit;  // none: the input is to be opened
  int tries = 0;             // that failed before
  std::int64_t rank = 0;     // of two units, the higher is begun first
  int cores = 1;             // it may use
  std::int64_t memory = 0;   // bytes for its frames in flight
};

class Scheduler {
 public:
  struct Slots {
    int units = 1;    // at once
    int threads = 0;  // that encoders of them may bring; 0: any number
  };
  struct Setup {
    std::size_t inputs = 0;
    Mode first = Mode::sequential;  // while inputs are opened
    int cores = 1;
    std::int64_t memory = 0;  // bytes that units may take together
    std::int64_t frame_memory =
        0;  // of that, what frames in flight may; tasks are told their share
    std::function<Slots(Mode)> slots;
    bool divides_cores = false;  // each unit has its own; slots of `first` are all there are
    int retries = 0;             // of a task
    int max_failures = 0;        // failed inputs until no task is begun; 0: any number
  };
  explicit Scheduler(Setup setup);

  struct Next {
    std::optional<Task> task;
    bool finished = false;  // there will be none, and none runs
    double look_again = 0;  // when a task may be tried again; 0: somebody's result must come first
  };
  Next next(double now);

  // What became of a task. True: the input has nothing left to do; whoever hears that ends it, and
  // says so by closed().
  bool opened(const Task& task, Mode mode, std::vector<Unit> units);
  bool done(const Task& task);
  bool failed(const Task& task);
  // In place of failed(), where that is allowed; so that who failed can clean up between the two.
  bool may_try_again(const Task& task) const;
  bool again(const Task& task, double not_before);
  void closed(std::size_t input, bool failed);

  void stop() { stopped_ = true; }        // no further task
  bool ends() const { return stopped_; }  // by stop(), or as many failures as may be
  // Will an input of this mode wait until all others are opened?
  bool is_for_later(Mode mode) const { return !setup_.divides_cores && mode != setup_.first; }

 private:
  struct Input {
    Mode mode = Mode::automatic;
    std::deque<Task> waiting;  // units, the highest rank first
    int running = 0;           // tasks, or waiting to be tried again
    bool failed = false;
  };
  using Key = std::pair<std::int64_t, std::size_t>;  // minus the rank, input

  void take_again(double now);
  std::optional<Task> first_unit(Mode mode);
  std::optional<Task> next_input();
  Task begun(Task task, Mode mode);
  void enqueue(Task task);
  void ended(const Task& task);
  bool has_slot(Mode mode) const;
  bool fits(const Unit& unit, Mode mode) const;
  bool is_over(std::size_t input) const;
  int others() const;

  const Setup setup_;
  bool stopped_ = false;
  std::size_t next_ = 0, closed_ = 0;  // inputs
  int failures_ = 0, running_ = 0, opening_ = 0, free_cores_ = 0, threads_ = 0;
  std::int64_t memory_ = 0;              // reserved
  Mode mode_ = Mode::automatic;          // of what runs
  std::size_t waiting_ = 0;              // units
  std::map<std::size_t, Input> inputs_;  // that were opened and are not closed
  std::map<Mode, std::set<Key>> ready_;  // inputs with waiting units, by mode
  std::deque<Task> reopen_;              // inputs whose opening is tried again
  std::multimap<double, Task> later_;    // that are tried again, by time
};

}  // namespace quadrant
