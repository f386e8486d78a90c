// SPDX-License-Identifier: MIT
#include "pipeline/runners/thread_runner.h"

#include <optional>

#include "pipeline/observe/threads.h"
#include "pipeline/store/paths.h"
#include "pipeline/store/unit_store.h"

namespace quadrant {
namespace {

class InputHere final : public InputRunner {
 public:
  InputHere(const JobSpec& job, Executors& executors, const ThreadRunner::ChooseMode& choose,
            OpenOrder order, Observer* observer)
      : job_(job),
        executors_(executors),
        choose_(choose),
        order_(std::move(order)),
        observer_(observer) {}

  Opened open(Attempt& attempt) override {
    opened_.reset();
    Input input(job_.played(order_.input), attempt.stop);
    Plan plan = make_plan(job_, input, resolve_output(job_.output, order_.output), order_.output,
                          order_.mode, order_.resources, order_.segments);
    if (choose_) choose_(plan);
    Opened told{outline_of(plan, order_.key), input.take_diagnostics()};
    plan_ = std::make_shared<const Plan>(std::move(plan));
    opened_.emplace(std::move(input));
    opener_ = &attempt;
    return told;
  }

  UnitResult run(const UnitOrder& order, Attempt& attempt) override {
    std::optional<Input> input = take_opened(attempt);
    if (!input) input.emplace(job_.played(order_.input), attempt.stop);
    FrameHashes hashes;
    FrameHashes* const wanted = order.hashes ? &hashes : nullptr;
    const auto foot = [wanted, &attempt](std::int64_t pictures) {
      return UnitStore::foot({pictures, wanted ? wanted->text() : "", attempt.meter.findings()});
    };
    executors_.of(plan_->mode, order.cores, order.memory)
        .run(std::make_unique<Session>(std::move(*input), plan_, order.unit, attempt.meter, wanted,
                                       observer_),
             {order.path, order.head, foot});
    return {hashes.text(), attempt.meter.findings()};
  }

  void park() override {
    const std::lock_guard lock(mutex_);
    if (can_be_read_again(order_.input.name)) opened_.reset();
  }

  void grow(const StitchOrder& order, const Stitcher::IsWhole& is_whole) override {
    stitcher(order).advance(is_whole, executors_.stop());
  }

  void stitch(const StitchOrder& order, Attempt& attempt) override {
    stitcher(order).finish(attempt.stop);
    stitcher_.reset();
  }

 private:
  // The opened input watches open()'s attempt for a stop, so only that attempt may use it.
  std::optional<Input> take_opened(const Attempt& attempt) {
    const std::lock_guard lock(mutex_);
    if (opener_ != &attempt || !opened_) return std::nullopt;
    std::optional<Input> taken(std::move(opened_));
    opened_.reset();
    return taken;
  }

  Stitcher& stitcher(const StitchOrder& order) {
    if (!stitcher_) {
      const Input input(job_.played(order_.input), executors_.stop());
      stitcher_ = std::make_unique<Stitcher>(input, plan_->output, order.files, order.path);
    }
    return *stitcher_;
  }

  const JobSpec& job_;
  Executors& executors_;
  const ThreadRunner::ChooseMode& choose_;
  const OpenOrder order_;
  Observer* observer_;
  std::shared_ptr<const Plan> plan_;
  std::mutex mutex_;
  std::optional<Input> opened_;
  const Attempt* opener_ = nullptr;
  std::unique_ptr<Stitcher> stitcher_;
};

}  // namespace

Executor& Executors::of(Mode mode, int cores, std::int64_t memory) {
  const std::lock_guard lock(mutex_);
  if (mode != mode_) {
    executor_.reset();
    executor_ = make_executor(mode, {meter_, stop_, cores, memory, idle_});
    mode_ = mode;
  }
  return *executor_;
}

std::unique_ptr<InputRunner> ThreadRunner::input(OpenOrder order, Observer* observer) {
  return std::make_unique<InputHere>(job_, executors_, choose_, std::move(order), observer);
}

}  // namespace quadrant
