// SPDX-License-Identifier: MIT
#include "pipeline/scaling/workload.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "pipeline/some_of.h"

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
      steps, [](const ModelStep& step) { return step.kind == ModelStep::Kind::wait; });
}

Cost Workload::per_frame() const {
  Cost sum{read.cpu + decode + encode.cpu + encode.threads_cpu + write.cpu, read.wait + write.wait};
  for (const ModelStep& step : steps) {
    sum.cpu += step.cost().cpu;
    sum.wait += step.cost().wait;
  }
  return sum;
}

namespace {

// Some of the inputs, spread over them.
void thin_out(Workload& w, std::int64_t frames) {
  constexpr std::size_t enough = 64;
  const std::size_t count = w.inputs.size();
  const double share = static_cast<double>(frames) / static_cast<double>(w.frames());
  const auto kept = std::max(enough, static_cast<std::size_t>(share * static_cast<double>(count)));
  w.inputs = some_of(w.inputs, kept);
}

void shorten(ModelUnit& unit, double share) {
  for (std::int64_t* count : {&unit.frames, &unit.decoded, &unit.seen})
    *count = std::max<std::int64_t>(1, std::llround(static_cast<double>(*count) * share));
}

}  // namespace

Workload at_pace(const Workload& workload, const Pace& pace) {
  Workload w = workload;
  for (double* cpu : {&w.read.cpu, &w.write.cpu, &w.decode, &w.encode.filling, &w.encode.cpu,
                      &w.encode.threads_cpu, &w.spread, &w.begin})
    *cpu *= pace.alone;
  for (ModelStep& step : w.steps)
    for (ModelStage& stage : step.stages) stage.cost.cpu *= pace.alone;
  for (ModelInput& input : w.inputs) input.open *= pace.alone, input.finish *= pace.alone;
  w.contention = pace.contention(w.contention.cores);
  return w;
}

Workload reduced(const Workload& workload, std::int64_t frames) {
  Workload w = workload;
  if (w.frames() <= frames) return w;
  thin_out(w, frames);
  // What an encoder holds and a graph has in progress must stay a small part of a unit.
  const std::int64_t least = 8 * (w.encode.held + 8);
  const double wanted = static_cast<double>(frames) / static_cast<double>(w.frames());
  for (ModelInput& input : w.inputs)
    for (ModelUnit& unit : input.units) {
      const double share =
          std::max(wanted, static_cast<double>(least) / static_cast<double>(unit.frames));
      if (share < 1) shorten(unit, share);
    }
  if (w.inputs.size() < workload.inputs.size()) return w;  // what is left is as long as it was
  const double share = static_cast<double>(w.frames()) / static_cast<double>(workload.frames());
  for (ModelInput& input : w.inputs) input.open *= share, input.finish *= share;
  w.begin *= share;
  return w;
}

}  // namespace quadrant
