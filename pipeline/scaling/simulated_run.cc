// SPDX-License-Identifier: MIT
#include "pipeline/scaling/simulated_run.h"

#include <algorithm>

#include "pipeline/plan/bounds.h"

namespace quadrant {
namespace {

double weight(const ModelUnit* unit) { return static_cast<double>(unit->frames) * unit->scale; }

int frame_limit_of(const Workload& w, Mode mode, int cores, int more_frames) {
  const int wanted = frames_in_progress(mode, cores, w.waits()) + w.windows + more_frames;
  const std::int64_t affordable = w.memory / std::max<std::int64_t>(1, w.frame_bytes);
  return static_cast<int>(w.memory > 0 ? std::clamp<std::int64_t>(affordable, 1, wanted) : wanted);
}

}  // namespace

SimulatedRun::SimulatedRun(const Workload& w, Mode mode_, int cores_, int more_frames)
    : workload(w),
      mode(mode_),
      cores(cores_),
      frame_limit(frame_limit_of(w, mode_, cores_, more_frames)),
      clock(cores_, w.contention) {
  for (const ModelInput& input : w.inputs) left_.push_back(std::ssize(input.units));
}

const ModelUnit* SimulatedRun::heaviest() {
  if (known_.empty()) return nullptr;
  const auto found = std::ranges::max_element(known_, {}, weight);
  const ModelUnit* unit = *found;
  known_.erase(found);
  return unit;
}

void SimulatedRun::next(Then then) {
  if (const ModelUnit* unit = heaviest()) return then(unit);
  if (next_input_ < workload.inputs.size()) return open(next_input_++, then);
  if (opening_ == 0) {
    ++ended_;
    return then(nullptr);
  }
  idle_.push_back(std::move(then));
}

void SimulatedRun::open(std::size_t input, const Then& then) {
  ++opening_;
  const ModelInput& opened = workload.inputs[input];
  clock.compute(opened.open, [this, &opened, then] {
    --opening_;
    for (const ModelUnit& unit : opened.units) known_.push_back(&unit);
    next(then);
    wake();
  });
}

void SimulatedRun::wake() {
  for (std::size_t i = idle_.size(); i > 0; --i) {
    Then then = std::move(idle_.front());
    idle_.pop_front();
    next(std::move(then));
  }
}

void SimulatedRun::done(const ModelUnit& unit, Event then) {
  for (std::size_t i = 0; i < workload.inputs.size(); ++i) {
    const std::vector<ModelUnit>& units = workload.inputs[i].units;
    if (&unit < units.data() || &unit >= units.data() + units.size()) continue;
    if (--left_[i] == 0) return clock.compute(workload.inputs[i].finish, std::move(then));
  }
  then();
}

void SimulatedRun::admit(std::int64_t frames) {
  frame_seconds_ += static_cast<double>(in_progress_) * (clock.now() - since_);
  since_ = clock.now();
  in_progress_ += frames;
  peak_ = std::max(peak_, in_progress_);
}

Prediction SimulatedRun::prediction() const {
  Prediction p;
  p.wall_seconds = clock.now();
  p.cpu_seconds = clock.cpu_seconds();
  p.frames = workload.frames();
  p.in_progress = p.wall_seconds > 0 ? frame_seconds_ / p.wall_seconds : 0;
  p.peak_in_progress = peak_;
  p.peak_bytes =
      workload.base_bytes + most_units_ * workload.unit_bytes + peak_ * workload.frame_bytes;
  return p;
}

Prediction simulate(const Workload& workload, Mode mode, int cores, int more_frames) {
  SimulatedRun run(workload, mode, runs_on_one_core(mode) ? 1 : cores, more_frames);
  if (mode == Mode::concurrent || mode == Mode::frames)
    simulate_graph(run);
  else
    simulate_one_frame(run);
  return run.prediction();
}

}  // namespace quadrant
