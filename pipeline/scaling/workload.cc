// SPDX-License-Identifier: MIT
#include "pipeline/scaling/workload.h"

#include <algorithm>

namespace quadrant {

double Contention::at(double busy) const {
  const double share = cores > 1 ? std::clamp((busy - 1) / (cores - 1), 0.0, 1.0) : 0;
  return 1 + (factor - 1) * share;
}

Cost ModelStep::cost() const {
  Cost sum;
  for (const ModelStage& stage : stages) {
    sum.cpu += stage.cost.cpu;
    sum.wait += stage.cost.wait;
  }
  return sum;
}

std::int64_t Workload::frames() const {
  std::int64_t sum = 0;
  for (const ModelInput& input : inputs)
    for (const ModelUnit& unit : input.units) sum += unit.frames;
  return sum;
}

bool Workload::waits() const {
  return std::ranges::any_of(
      steps, [](const ModelStep& step) { return step.kind == ModelStep::Kind::async; });
}

std::vector<StageCost> Workload::stage_costs() const {
  std::vector<StageCost> all{{"read", read}, {"decode", {decode, 0}}};
  for (const ModelStep& step : steps)
    for (const ModelStage& stage : step.stages)
      all.push_back({stage.name, stage.cost, step.strips});
  all.push_back({"encode", {encode.cpu + encode.threads_cpu, 0}});
  all.push_back({"write", write});
  return all;
}

Cost Workload::per_frame() const {
  Cost sum;
  for (const StageCost& stage : stage_costs()) {
    sum.cpu += stage.cost.cpu;
    sum.wait += stage.cost.wait;
  }
  return sum;
}

Workload at_speed(const Workload& workload, const SpeedFactor& speed) {
  Workload w = workload;
  for (double* cpu : {&w.read.cpu, &w.write.cpu, &w.decode, &w.encode.filling, &w.encode.cpu,
                      &w.encode.threads_cpu, &w.spread, &w.begin})
    *cpu /= speed.alone;
  for (ModelStep& step : w.steps)
    for (ModelStage& stage : step.stages) stage.cost.cpu /= speed.alone;
  for (ModelInput& input : w.inputs) input.open /= speed.alone, input.finish /= speed.alone;
  w.contention = speed.contention(w.contention.cores);
  return w;
}

}  // namespace quadrant
