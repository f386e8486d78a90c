// SPDX-License-Identifier: MIT
// Predicts a run from operational bounds (P. Denning, J. Buzen: The Operational Analysis of
// Queueing Network Models, 1978): a run takes at least as long as its busiest resource is busy. The
// resources are the cores, the slowest serial node of each unit, and the frames that may be in
// progress. The executors come close to the largest of these bounds, so that bound is the
// prediction and names the limit.
//
// A simulation of the executors' queues, five times as long, predicted no better. Not modelled:
// queues between resources that are almost equally busy, variation of costs between frames (the
// mean stands for all), the cost of oneTBB itself, copied audio, and other load.
#pragma once

#include <cstdint>
#include <string>

#include "pipeline/config/mode.h"
#include "pipeline/scaling/workload.h"

namespace quadrant {

struct Prediction {
  double wall_seconds = 0, cpu_seconds = 0;
  std::int64_t frames = 0;
  double in_progress = 0;  // mean; in a graph the geometric mean of its least and greatest
  std::int64_t peak_in_progress = 0, peak_bytes = 0;
  std::string limit;  // "2 cores (denoise 95 %)", "encode", "memory": improve this to be faster

  double fps() const { return wall_seconds > 0 ? static_cast<double>(frames) / wall_seconds : 0; }
  double executing() const { return wall_seconds > 0 ? cpu_seconds / wall_seconds : 0; }
};

// `mode` must not be automatic. `cores`: all that are available.
Prediction predict(const Workload& workload, Mode mode, int cores);

}  // namespace quadrant
