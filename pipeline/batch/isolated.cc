// SPDX-License-Identifier: MIT
// How the cores are shared: a unit begins with one. Once it is known what else there is to do, it
// takes what the others leave: a single film that is not cut gets all cores in `frames` and
// `tiles`, a hundred get one each. In `segments` and `sequential` a unit never has more than one,
// in `concurrent` all have the same one.
#include "pipeline/batch/isolated.h"

#include <algorithm>
#include <thread>

#include "pipeline/observe/threads.h"
#include "pipeline/plan/choose.h"

namespace quadrant {
namespace {

class Cores {
 public:
  explicit Cores(int all) : free_(all) {}

  void take_one() {
    std::unique_lock lock(mutex_);
    given_back_.wait(lock, [&] { return free_ > 0; });
    --free_;
  }
  // A fair share of what is free beside `others` that may want some too.
  int take_share(int others) {
    const std::lock_guard lock(mutex_);
    const int share = free_ / (1 + others);
    free_ -= share;
    return share;
  }
  void give_back(int count) {
    {
      const std::lock_guard lock(mutex_);
      free_ += count;
    }
    given_back_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable given_back_;
  int free_;
};

constexpr int at_once_on_one_core = 8;  // as inputs_at_once of `concurrent`

class Isolated {
 public:
  Isolated(BatchUnits& units, BatchContext& context)
      : units_(units),
        context_(context),
        at_once_(is_concurrent(context) ? at_once_on_one_core : context.resources.cores),
        cores_(at_once_) {}

  void run() {
    std::vector<std::thread> workers;
    for (int i = 0; i < at_once_; ++i) workers.emplace_back([this] { work(); });
    for (std::thread& worker : workers) worker.join();
  }

 private:
  void work() {
    call_this_thread("unit");
    while (const std::unique_ptr<BatchUnit> unit = units_.next_unit()) {
      int cores = 1;
      cores_.take_one();
      const std::exception_ptr failure = unit->run_isolated([&](Mode mode) {
        if (may_widen(mode)) cores += cores_.take_share(units_.others());
        return UnitShare{cores, context_.resources.memory * cores / at_once_};
      });
      cores_.give_back(cores);
      unit->done(failure);
    }
  }

  static bool is_concurrent(const BatchContext& context) {
    return first_mode(context.options.mode, context.resources.cores) == Mode::concurrent;
  }

  static bool may_widen(Mode mode) { return mode == Mode::frames || mode == Mode::tiles; }

  BatchUnits& units_;
  BatchContext& context_;
  int at_once_;
  Cores cores_;
};

}  // namespace

void run_isolated(const std::vector<InputWork*>& works, BatchContext& context) {
  BatchUnits units(context, works, context.options.mode);
  Isolated(units, context).run();
}

}  // namespace quadrant
