// SPDX-License-Identifier: MIT
// Does units in the calling threads, with the executor of their mode. Used by a job without
// isolation, by the process of an isolated unit and by `quadrant unit`.
#pragma once

#include <functional>
#include <map>
#include <mutex>

#include "pipeline/execute/executor.h"
#include "pipeline/runners/runner.h"

namespace quadrant {

// The executor of the current mode. One mode runs at a time: the executor of another mode is made
// when all units of the current one have ended.
class Executors {
 public:
  Executors(ProgressMeter& meter, const StopFlag& stop, const IdleWorkers* idle = nullptr)
      : meter_(meter), stop_(stop), idle_(idle) {}
  // `cores` and `memory` are for all units of that mode together, until none of them runs.
  Executor& of(Mode mode, int cores, std::int64_t memory);
  const StopFlag& stop() const { return stop_; }

 private:
  ProgressMeter& meter_;
  const StopFlag& stop_;
  const IdleWorkers* idle_;
  std::mutex mutex_;
  Mode mode_ = Mode::automatic;
  std::unique_ptr<Executor> executor_;
};

class ThreadRunner final : public Runner {
 public:
  // May change a plan's mode, from measurements.
  using ChooseMode = std::function<void(Plan&)>;

  // All arguments must outlive it. `choose` may be empty.
  ThreadRunner(const JobSpec& job, Executors& executors, ChooseMode choose = {})
      : job_(job), executors_(executors), choose_(std::move(choose)) {}

  std::unique_ptr<InputRunner> input(OpenOrder order, Observer* observer) override;

 private:
  const JobSpec& job_;
  Executors& executors_;
  ChooseMode choose_;
};

}  // namespace quadrant
