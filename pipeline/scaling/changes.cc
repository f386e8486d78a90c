// SPDX-License-Identifier: MIT
#include "pipeline/scaling/changes.h"

#include <algorithm>

namespace quadrant {
namespace {

void multiply(ModelEncoder& encoder, double factor) {
  for (double* cost : {&encoder.filling, &encoder.cpu, &encoder.threads_cpu}) *cost *= factor;
}

}  // namespace

std::vector<Change> each_stage(const Workload& w, double factor) {
  std::vector<Change> changes;
  const auto with = [&](const std::string& name, auto change) {
    changes.push_back({name, w});
    change(changes.back().workload);
  };
  with("decode", [&](Workload& c) { c.decode *= factor; });
  for (std::size_t i = 0; i < w.steps.size(); ++i)
    for (std::size_t j = 0; j < w.steps[i].stages.size(); ++j)
      with(w.steps[i].stages[j].name, [&](Workload& c) { c.steps[i].stages[j].cost *= factor; });
  with("encode", [&](Workload& c) { multiply(c.encode, factor); });
  with("storage", [&](Workload& c) { c.read *= factor, c.write *= factor; });
  return changes;
}

Workload with_encoder_threads(const Workload& w, int threads) {
  Workload changed = w;
  ModelEncoder& e = changed.encode;
  const double all = e.cpu + e.threads_cpu;
  e.threads = threads;
  e.held = std::max(e.held, threads - 1);
  e.threads_cpu = threads > 1 ? all : 0;
  e.cpu = threads > 1 ? 0 : all;
  return changed;
}

Workload with_segments(const Workload& w, std::int64_t frames_each) {
  Workload changed = w;
  for (ModelInput& input : changed.inputs) {
    std::vector<ModelUnit> units;
    for (const ModelUnit& unit : input.units) {
      const std::int64_t count = std::max<std::int64_t>(1, unit.frames / frames_each);
      for (std::int64_t i = 0; i < count; ++i) {
        ModelUnit part = unit;
        part.frames = unit.frames * (i + 1) / count - unit.frames * i / count;
        part.decoded = part.seen = part.frames;
        units.push_back(part);
      }
    }
    input.units = std::move(units);
  }
  return changed;
}

}  // namespace quadrant
