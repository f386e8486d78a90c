// SPDX-License-Identifier: MIT
#include "pipeline/scaling/limits.h"

#include <fmt/format.h>

#include <algorithm>

namespace quadrant {
namespace {

constexpr double worth_naming = 1.05;
constexpr int plenty_of_frames = 256;

void multiply(ModelEncoder& encoder, double factor) {
  for (double* cost : {&encoder.filling, &encoder.cpu, &encoder.threads_cpu}) *cost *= factor;
}

// The costliest thing a core does, with its share.
std::string heaviest(const Workload& w) {
  const double all = w.per_frame().cpu;
  std::pair<double, std::string> most{w.decode, "decode"};
  most = std::max(most, {w.encode.cpu + w.encode.threads_cpu, "encode"});
  for (const ModelStep& step : w.steps)
    for (const ModelStage& stage : step.stages) most = std::max(most, {stage.cost.cpu, stage.name});
  return all > 0 ? fmt::format("{} {:.0f} %", most.second, 100 * most.first / all) : "";
}

struct Limit {
  double gain = 1;
  std::string name;
  void offer(double other_gain, const std::string& other) {
    if (other_gain > gain) *this = {other_gain, other};
  }
};

}  // namespace

std::vector<Change> each_place(const Workload& w, double factor) {
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

std::string limit_of(const Workload& w, Mode mode, int cores, const Prediction& now) {
  if (now.fps() <= 0) return "";
  const auto gain = [&](const Workload& changed, int n, int frames = 0) {
    return simulate(changed, mode, n, frames).fps() / now.fps();
  };
  const int used = runs_on_one_core(mode) ? 1 : cores;
  if (now.executing() > 0.9 * used)
    return fmt::format("{} core{} ({})", used, used == 1 ? "" : "s", heaviest(w));
  Workload roomy = w;
  roomy.memory = 0;
  if (w.memory > 0 && gain(roomy, cores) > worth_naming) return "memory";
  Limit limit{worth_naming, ""};
  for (const Change& change : each_place(w, 0))
    limit.offer(gain(change.workload, cores), change.name);
  if (mode != Mode::sequential && mode != Mode::tiles)
    limit.offer(gain(roomy, cores, plenty_of_frames), "frames in progress");
  return limit.name;
}

}  // namespace quadrant
