// SPDX-License-Identifier: MIT
#include "pipeline/scaling/load.h"

#include <algorithm>
#include <cmath>

namespace quadrant {
namespace {

void lengthen(LongestSerial& longest, double seconds, const std::string& name) {
  if (seconds > longest.seconds) longest = {seconds, name};
}

void add_storage(const Workload& w, const ModelUnit& unit, Load& load) {
  const auto decoded = static_cast<double>(unit.decoded), frames = static_cast<double>(unit.frames);
  const double cpu = decoded * w.read.cpu + frames * w.write.cpu;
  const double wait = decoded * w.read.wait + frames * w.write.wait;
  load.work += cpu;
  load.wait += wait;
  lengthen(load.serial, cpu + wait, "storage");
}

void add_decoder(const Workload& w, const ModelUnit& unit, Load& load) {
  const double cpu = static_cast<double>(unit.decoded) * w.decode;
  load.work += cpu;
  lengthen(load.serial, cpu, "decode");
}

// The held frames cost `filling` each to take, and all frames still have to be encoded.
void add_encoder(const Workload& w, const ModelUnit& unit, int cores, Load& load) {
  const ModelEncoder& e = w.encode;
  const auto frames = static_cast<double>(unit.frames);
  const double held = std::min<double>(e.held, frames);
  const double caller = held * e.filling + frames * e.cpu;
  load.threads = frames * e.threads_cpu;
  load.drain = held * (e.cpu + e.threads_cpu / std::min(e.threads, cores));
  load.work += caller + load.threads;
  load.admitted_cpu += caller + load.threads;
  lengthen(load.serial, caller + load.threads / e.threads, "encode");
}

void add_step(const Workload& w, const ModelStep& step, int cores, Load& load) {
  const Cost cost = step.cost();
  load.work += load.frames * cost.cpu;
  load.wait += load.frames * cost.wait;
  load.admitted_cpu += load.frames * cost.cpu;
  load.admitted_wait += load.frames * cost.wait;
  if (step.kind == ModelStep::Kind::serial)
    lengthen(load.serial, load.frames * cost.cpu, step.stages.front().name);
  if (step.strips == 1) return;
  // Free cores take the next strip, so the core with the most strips decides.
  const double most = std::ceil(static_cast<double>(step.strips) / cores) / step.strips;
  load.strips += load.frames * cost.cpu;
  const double handing = cores > 1 ? w.spread : 0;
  load.spread += load.frames * (cost.cpu * most + handing);
  load.handing += load.frames * handing * std::min(cores, step.strips);
}

}  // namespace

Load Load::rest(double share) const {
  Load left = *this;
  left.begin = 0;
  for (double* part : {&left.frames, &left.work, &left.threads, &left.wait, &left.strips,
                       &left.spread, &left.serial.seconds})
    *part *= share;
  left.drain = std::min(drain, left.work);
  return left;
}

Load load_of(const Workload& w, const ModelUnit& unit, int cores) {
  Load load{.frames = static_cast<double>(unit.seen)};
  add_decoder(w, unit, load);
  for (const ModelStep& step : w.steps) add_step(w, step, cores, load);
  add_encoder(w, unit, cores, load);
  for (double* cpu : {&load.work, &load.threads, &load.drain, &load.admitted_cpu, &load.strips,
                      &load.spread, &load.serial.seconds})
    *cpu *= unit.scale;
  add_storage(w, unit, load);
  load.begin = w.begin;
  return load;
}

}  // namespace quadrant
