// SPDX-License-Identifier: MIT
// Does units in the calling threads, on the executor of their mode. A job without isolation, the
// process of an isolated unit and `quadrant unit` all are this.
#pragma once

#include <functional>
#include <map>
#include <mutex>

#include "pipeline/execute/executor.h"
#include "pipeline/runners/runner.h"

namespace quadrant {

// The executor of the mode that runs now. One mode runs at a time: another one's is made when all
// units of the last have ended.
class Executors {
 public:
  Executors(ProgressMeter& meter, const StopFlag& stop, const IdleWorkers* idle = nullptr)
      : meter_(meter), stop_(stop), idle_(idle) {}
  // `cores` and `memory` are those of all units of that mode together, until none runs.
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
  // May give a plan another mode, by what was measured.
  using ChooseMode = std::function<void(Plan&)>;

  // All must live longer. `choose` may be empty.
  ThreadRunner(const JobSpec& job, Executors& executors, ChooseMode choose = {})
      : job_(job), executors_(executors), choose_(std::move(choose)) {}

  std::unique_ptr<InputRunner> input(OpenOrder order, Observer* observer) override;

 private:
  const JobSpec& job_;
  Executors& executors_;
  ChooseMode choose_;
};

}  // namespace quadrant
