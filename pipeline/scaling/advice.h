// SPDX-License-Identifier: MIT
// What the bounds say about a job: how fast each mode is, what limits it, which to take, what a
// change would gain; and whether the job is I/O-bound or CPU-bound, and needs concurrency,
// parallelism, both or neither.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "pipeline/scaling/bounds.h"
#include "pipeline/scaling/changes.h"
#include "pipeline/scaling/measured.h"

namespace quadrant {

struct PredictedCell {
  Cell cell;
  Prediction prediction;   // empty if impossible
  std::string impossible;  // why the mode cannot run the job
};

// A change of the job or the machine, and the speed of its best cell.
struct WhatIf {
  std::string change;
  double fps = 0, gain = 1;  // gain: relative to the recommended cell
  Cell best;
};

struct Advice {
  std::vector<PredictedCell> cells;
  std::size_t recommended = 0;  // of cells
  std::vector<WhatIf> what_ifs;
  std::vector<std::string> summary;  // one or two sentences each

  const PredictedCell& best() const { return cells[recommended]; }
};

// Why a mode cannot run the job; empty if it can.
using Obstacle = std::function<std::string(Mode)>;

// Among the cells within 5 % of the fastest, takes the fewest cores, then the mode that comes first
// in `preference`, or the fastest if none is in it. Ignoring differences of up to 5 % keeps
// measurement noise from changing the choice.
std::size_t recommended_of(const std::vector<PredictedCell>& cells,
                           const std::vector<Mode>& preference);
// For advice: simple modes first, and segments if there are enough for the cores.
std::vector<Mode> preference_for(const Workload& workload, int cores);
std::vector<PredictedCell> predict(const Workload& workload, const std::vector<Cell>& cells,
                                   const Obstacle& obstacle);

// `cells`: to predict. The advice is for the greatest number of cores among them. `changes`: to try
// in addition to those derived from the workload itself.
Advice advise(const Workload& workload, const std::vector<Cell>& cells, const Obstacle& obstacle,
              const std::vector<Change>& changes = {});

}  // namespace quadrant
