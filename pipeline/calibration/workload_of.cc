// SPDX-License-Identifier: MIT
#include "pipeline/calibration/workload_of.h"

#include <algorithm>
#include <cmath>

#include "pipeline/observe/meter.h"
#include "pipeline/plan/segments.h"

namespace quadrant {
namespace {

double samples(const Plan& plan) { return static_cast<double>(plan.source.bytes()); }

// Sums over excerpts, as means per frame.
class Means {
 public:
  explicit Means(const std::vector<ExcerptCosts>& costs) {
    for (const ExcerptCosts& one : costs) {
      packets_ += one.packets;
      frames_ += one.frames;
      sums_.cpu += one.cpu;
      sums_.process_cpu += one.process_cpu;
      sums_.begin_cpu += one.begin_cpu / static_cast<double>(costs.size());
      sums_.filling_cpu += one.filling_cpu;
      sums_.held = std::max(sums_.held, one.held);
      filled_ += std::min<std::int64_t>(one.held, one.frames);
      for (const auto& [index, sum] : one.stages) {
        sums_.stages[index].cpu += sum.cpu;
        sums_.stages[index].wait += sum.wait;
      }
    }
  }

  double per_frame(double sum) const {
    return sum / static_cast<double>(std::max<std::int64_t>(1, frames_));
  }
  double per_packet(double sum) const {
    return sum / static_cast<double>(std::max<std::int64_t>(1, packets_));
  }

  // The timers cover all of reading and writing, so their wait is the time without computing.
  Cost of_storage(int index) const {
    const auto sum = at(index);
    return {per_packet(sum.cpu), per_packet(std::max(0.0, sum.wait - sum.cpu))};
  }
  double decode() const { return per_packet(at(InputMeter::decode).cpu); }
  Cost of_stage(int index) const { return {per_frame(at(index).cpu), per_frame(at(index).wait)}; }
  double begin() const { return sums_.begin_cpu; }

  ModelEncoder encoder(int threads) const {
    ModelEncoder e{.held = sums_.held, .threads = threads};
    if (filled_ > 0) e.filling = sums_.filling_cpu / static_cast<double>(filled_);
    e.cpu = per_frame(at(InputMeter::encode).cpu - sums_.filling_cpu);
    if (threads > 1) e.threads_cpu = per_frame(std::max(0.0, sums_.process_cpu - sums_.cpu));
    return e;
  }

  // CPU of the thread outside all stages: moving frames from one stage to the next.
  double between() const { return per_frame(std::max(0.0, sums_.cpu - sums_.cpu_in_stages())); }

 private:
  ExcerptCosts::Stage at(int index) const {
    const auto found = sums_.stages.find(index);
    return found == sums_.stages.end() ? ExcerptCosts::Stage{} : found->second;
  }

  ExcerptCosts sums_;
  std::int64_t packets_ = 0, frames_ = 0, filled_ = 0;
};

ModelStep::Kind kind_of(const Step& step) {
  if (step.processing == Processing::async) return ModelStep::Kind::async;
  return step.order == Order::in_order ? ModelStep::Kind::serial : ModelStep::Kind::parallel;
}

std::vector<ModelStep> steps_of(const Plan& plan, const Means& means) {
  std::vector<ModelStep> steps;
  int index = InputMeter::first_stage;
  for (const Step& step : plan.steps) {
    ModelStep model{.kind = kind_of(step),
                    .strips = std::max(1, static_cast<int>(step.grid.size())),
                    .future = step.future};
    for (const PlannedStage& stage : step.stages)
      model.stages.push_back({stage.name, means.of_stage(index++)});
    steps.push_back(std::move(model));
  }
  return steps;
}

std::int64_t pictures_of(const Plan& plan, const Segment& segment) {
  if (segment.pictures > 0) return segment.pictures;
  return std::max<std::int64_t>(1, plan.input.expected_frames());
}

ModelUnit unit_of(const Plan& plan, const Segment& segment) {
  const std::int64_t frames = pictures_of(plan, segment);
  int around = 0;
  for (const Step& step : plan.steps) around += plan.is_cut() ? step.past + step.future : 0;
  const std::int64_t seen = frames + around;
  const std::int64_t decoded =
      segment.packets == Segment::finish ? seen : std::max(seen, segment.packets);
  return {frames, decoded, seen, 1};
}

// CPU seconds to put the output together, and to read it again to the end.
double finishing(const Plan& plan, const ModelInput& input, const Workload& w) {
  double frames = 0;
  for (const ModelUnit& unit : input.units) frames += static_cast<double>(unit.frames);
  const double copied = plan.is_cut() ? w.read.cpu + w.write.cpu : 0;
  return frames * (copied + w.read.cpu);
}

// At most half the input's length, and at least the usual distance between keyframes.
void tell_pieces(const Plan& plan, Workload& w) {
  const double length = plan.input.duration_seconds, rate = plan.source.frame_rate.value();
  const double seconds = length >= 2 * automatic_segment_seconds ? automatic_segment_seconds : 2;
  if (plan.is_cut() || unbounded_stage(plan.steps) || length < 2 * seconds) return;
  w.piece_seconds = seconds;
  w.piece_frames = static_cast<std::int64_t>(seconds * rate);
}

}  // namespace

bool has_same_steps(const Plan& a, const Plan& b) {
  const auto name = [](const Step& step) { return step.name(); };
  return std::ranges::equal(a.steps, b.steps, {}, name, name);
}

Workload workload_of(const std::vector<std::shared_ptr<const Plan>>& plans,
                     const std::vector<Excerpt>& excerpts, const std::vector<ExcerptCosts>& costs) {
  const Plan& measured = *excerpts.front().plan;
  const Means means(costs);
  Workload w{.read = means.of_storage(InputMeter::read),
             .write = means.of_storage(InputMeter::write),
             .decode = means.decode(),
             .steps = steps_of(measured, means),
             .encode = means.encoder(measured.output.video.threads),
             .begin = means.begin()};
  w.write.cpu += means.between();
  for (const ModelStep& step : w.steps) w.windows += step.future;
  for (const Step& step : measured.steps) w.windows += step.past;
  tell_pieces(measured, w);
  for (const auto& plan : plans) {
    if (!plan) continue;
    w.inputs.push_back(input_of(*plan, w));
    for (ModelUnit& unit : w.inputs.back().units) unit.scale = samples(*plan) / samples(measured);
  }
  return w;
}

ModelInput input_of(const Plan& plan, const Workload& costs) {
  ModelInput input;
  for (const Segment& segment : plan.segments) input.units.push_back(unit_of(plan, segment));
  input.finish = finishing(plan, input, costs);
  return input;
}

}  // namespace quadrant
