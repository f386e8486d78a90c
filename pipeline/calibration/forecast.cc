// SPDX-License-Identifier: MIT
#include "pipeline/calibration/forecast.h"

#include <fmt/ranges.h>

#include "pipeline/calibration/workload_of.h"
#include "pipeline/observe/meter.h"
#include "pipeline/plan/segments.h"
#include "pipeline/scaling/advice.h"

namespace quadrant {
namespace {

constexpr std::int64_t least_frames = 500;  // in a batch: so measuring is a fortieth of it
constexpr double measuring_seconds = 0.5;   // limit
constexpr std::size_t most_kinds = 4;       // of inputs to measure; for others the plan decides

std::string kind_of(const Plan& plan) {
  std::string text =
      plan.input.video_stream().codec + plan.source.describe() + plan.output.video.encoder;
  for (const Step& step : plan.steps) text += " " + step.name();
  return text;
}

Workload measure(const Plan& plan, const StopFlag& stop) {
  const auto shared = std::make_shared<const Plan>(plan);
  const Excerpt excerpt{shared, plan.segments[plan.segments.size() / 2]};
  const double end = wall_seconds() + measuring_seconds;
  const ExcerptCosts costs = run_excerpt(
      excerpt,
      [&](std::int64_t packets) {
        return packets == 0 || (packets < Forecast::measured_frames && wall_seconds() < end);
      },
      stop);
  Workload workload = workload_of({shared}, {excerpt}, {costs});
  workload.memory = plan.resources.memory;
  workload.frame_bytes = plan.budget.bytes_per_frame;
  return workload;
}

// Assumes that all inputs are like this one.
Workload batch_of(const Plan& plan, const Workload& costs) {
  Workload workload = costs;
  const auto inputs = static_cast<std::size_t>(plan.resources.inputs);
  workload.inputs.assign(inputs, input_of(plan, costs));
  return workload;
}

}  // namespace

bool Forecast::is_worth_it(const Plan& plan) {
  const bool is_remote = plan.input.name.find("://") != std::string::npos;
  const std::int64_t frames = plan.input.expected_frames() * plan.resources.inputs;
  return plan.resources.cores > 1 && !is_remote && frames >= least_frames;
}

ModeChoice Forecast::choose(const Plan& plan) {
  const std::string kind = kind_of(plan);
  if (!costs_.contains(kind)) costs_[kind] = measure(plan, stop_);
  const Workload workload = batch_of(plan, costs_[kind]);
  const auto obstacle = [&](Mode mode) {
    return mode == Mode::segments && unbounded_stage(plan.steps) ? "no" : "";
  };
  const int cores = plan.resources.cores;
  const std::vector<PredictedCell> cells = predict(
      workload, {{Mode::segments, cores}, {Mode::frames, cores}, {Mode::tiles, cores}}, obstacle);
  const std::size_t taken = recommended_of(cells, {plan.mode, Mode::segments, Mode::frames});
  std::vector<std::string> told;
  for (const PredictedCell& c : cells)
    if (c.impossible.empty())
      told.push_back(fmt::format("{} {:.3g}", name_of(c.cell.mode), c.prediction.fps()));
  return {cells[taken].cell.mode,
          fmt::format("auto: {} measured frames predict for {} cores, in fps: {}", measured_frames,
                      cores, fmt::join(told, ", ")),
          true};
}

std::optional<ModeChoice> Forecast::ask(const Plan& plan) {
  const std::lock_guard lock(mutex_);
  const std::string kind = kind_of(plan);
  if (costs_.size() == most_kinds && !costs_.contains(kind)) return std::nullopt;
  const auto key = std::pair(kind, plan.segments.size());
  if (choices_.contains(key)) return choices_.at(key);
  try {
    return choices_.emplace(key, choose(plan)).first->second;
  } catch (const Error& error) {
    if (error.fault() == Fault::stopped) throw;
    return std::nullopt;  // the run will report what is wrong with the input
  }
}

}  // namespace quadrant
