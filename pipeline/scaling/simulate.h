// SPDX-License-Identifier: MIT
// Predicts a run: the executors' own queues, played through with measured costs. What a frame
// waits for is decided as execute/ decides it (lanes in order, maps at once, later steps first,
// bounds on what is read); what computes shares the cores.
//
// Not in it: how costs vary from frame to frame (the mean stands for all), what oneTBB itself
// costs, copied sound, and other load on the machine.
#pragma once

#include "pipeline/config/mode.h"
#include "pipeline/scaling/workload.h"

namespace quadrant {

struct Prediction {
  double wall_seconds = 0, cpu_seconds = 0;
  std::int64_t frames = 0;
  double in_progress = 0;  // mean
  std::int64_t peak_in_progress = 0, peak_bytes = 0;

  double fps() const { return wall_seconds > 0 ? static_cast<double>(frames) / wall_seconds : 0; }
  double executing() const { return wall_seconds > 0 ? cpu_seconds / wall_seconds : 0; }
};

// `mode`: not automatic. `cores`: as many are there. `more_frames`: beyond what the mode has in
// progress.
Prediction simulate(const Workload& workload, Mode mode, int cores, int more_frames = 0);

}  // namespace quadrant
