// SPDX-License-Identifier: MIT
// Concurrent and parallel, coarse: as many parts of inputs at once as there are cores, each by
// itself in one thread, as `sequential` does it. Decoding and encoding scale too, and nothing is
// handed from core to core; what it needs is inputs that are cut, or many of them.
//
// The last parts are fewer than the cores. They go on as graphs of frames, as `frames` does it, so
// that who has nothing left to begin helps those who have not ended.
#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "pipeline/execute/flow.h"
#include "pipeline/execute/one_frame.h"
#include "pipeline/observe/clocks.h"
#include "pipeline/plan/bounds.h"

namespace quadrant {
namespace {

// Workers that have nothing to do, and since when they can help those that have.
class Spare {
 public:
  explicit Spare(int workers) : workers_(workers) {}

  void change(int by) {
    const std::lock_guard lock(mutex_);
    idle_ += by;
    if (!can_help(idle_, workers_))
      since_ = never;
    else if (since_ == never)
      since_ = wall_seconds();
  }

  // Has been so for a while, all of it after `began`: not for the moment between two units.
  bool lasts_since(double began) const {
    return wall_seconds() - std::max(began, since_.load()) >= patience;
  }

 private:
  static constexpr double never = 1e300, patience = 0.05;  // seconds

  const int workers_;
  std::mutex mutex_;
  int idle_ = 0;
  std::atomic<double> since_{never};
};

class Segments final : public Executor {
 public:
  explicit Segments(const Runtime& runtime)
      : runtime_(runtime), spare_(runtime.cores), crew_(runtime_, 0) {}

  void run(Units& units) override {
    std::vector<std::thread> workers;
    for (int i = 0; i < runtime_.cores; ++i) workers.emplace_back([&] { work(units); });
    for (std::thread& worker : workers) worker.join();
  }

 private:
  void work(Units& units) {
    for (;;) {
      spare_.change(+1);
      std::unique_ptr<Unit> unit = units.next();
      if (!unit) return;
      spare_.change(-1);
      run_unit(std::move(unit));
    }
  }

  void run_unit(std::unique_ptr<Unit> unit) {
    std::optional<Begun> left;
    std::exception_ptr failure;
    try {
      if (std::unique_ptr<Session> session = open_session(*unit, runtime_))
        left = run_alone(std::move(session));
    } catch (...) {
      failure = std::current_exception();
    }
    left ? Flow(std::move(unit), crew_).go_on(std::move(*left)) : unit->done(failure);
  }

  // What is left of it once there are cores to spare.
  std::optional<Begun> run_alone(std::unique_ptr<Session> session) {
    OneInput input(std::move(session), {one_after_another(), one_after_another()}, runtime_);
    const double began = wall_seconds();
    while (input.step())
      if (spare_.lasts_since(began)) return input.give_away();
    input.finish();
    return std::nullopt;
  }

  Runtime runtime_;
  Spare spare_;
  Crew crew_;  // of the graphs
};

}  // namespace

std::unique_ptr<Executor> segments_executor(const Runtime& runtime) {
  return std::make_unique<Segments>(runtime);
}

}  // namespace quadrant
