// SPDX-License-Identifier: MIT
#include "pipeline/verify/alone.h"

#include "pipeline/contract/stage.h"
#include "pipeline/execute/budget.h"
#include "pipeline/execute/executor.h"
#include "pipeline/verify/confined.h"

namespace quadrant {
namespace {

bool may_be_confined(const Step& step) {
  return step.processing == Processing::tile && step.order == Order::any_order &&
         step.stages.front().stage->reach().space == Reach::Space::rows;
}

bool is_in_strips(const Step& step) {
  return step.processing == Processing::tile && step.order == Order::any_order &&
         step.stages.front().stage->reach().space != Reach::Space::frame;
}

// One step per stage, over the whole picture.
std::vector<Step> single_steps(const std::vector<Step>& steps) {
  std::vector<Step> all;
  for (const Step& step : steps)
    for (const PlannedStage& s : step.stages) {
      Step one = step;
      one.stages = {s};
      one.past = s.stage->reach().past;
      one.future = s.stage->reach().future;
      one.grid = {{0, s.out.height}};
      one.margins.assign(1, 0);  // gcc 14 wrongly reports that = {0} reads beyond the list
      all.push_back(std::move(one));
    }
  return all;
}

}  // namespace

AloneInput open_alone(const JobSpec& job, const InputSpec& input, const std::string& output,
                      const StopFlag& stop) {
  Input opened(job.played(input), stop);
  Plan plan = make_plan(job, opened, resolve_output(job.output, output), output, Mode::sequential,
                        {.cores = 1, .memory = default_memory()}, {Segment{}});
  return {std::move(opened), std::move(plan)};
}

Plan stage_by_stage(Plan plan) {
  plan.steps = single_steps(plan.steps);
  return plan;
}

Plan stage_by_stage_confined(Plan plan) {
  plan.steps = single_steps(plan.steps);
  for (Step& step : plan.steps) {
    if (is_in_strips(step)) step.grid = strips_of(step.out());
    if (may_be_confined(step)) step.stages.front().stage = confined(step.stages.front());
  }
  return plan;
}

std::int64_t run_alone(AloneInput alone, Observer& observer, const StopFlag& stop) {
  ProgressMeter frames;
  InputMeter meter;
  const auto plan = std::make_shared<const Plan>(std::move(alone.plan));
  sequential_executor({frames, stop, 1, plan->resources.memory})
      ->run(std::make_unique<Session>(std::move(alone.input), plan, Unit{}, meter, nullptr,
                                      &observer),
            {.path = plan->output_path});
  return meter.frames_out;
}

}  // namespace quadrant
