// SPDX-License-Identifier: MIT
// What the bounds say of a job: how fast each mode is, what limits it, which to take, what a
// change would buy, and which of the article's questions it answers: is the job I/O-bound or
// CPU-bound, does it need concurrency, parallelism, both or neither.
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
  Prediction prediction;   // empty where it is not possible
  std::string impossible;  // why the job cannot be run so
};

// A change of the job or the machine, and how fast its best cell would then be.
struct WhatIf {
  std::string change;
  double fps = 0, gain = 1;  // gain: over the recommended cell
  Cell best;
};

struct Advice {
  std::vector<PredictedCell> cells;
  std::size_t recommended = 0;  // of cells
  std::vector<WhatIf> what_ifs;
  std::vector<std::string> summary;  // a sentence or two each

  const PredictedCell& best() const { return cells[recommended]; }
};

// Why a mode cannot run the job; empty: it can.
using Obstacle = std::function<std::string(Mode)>;

// Of the cells within 5 % of the fastest, those with the fewest cores, and of these the one whose
// mode comes first in `preference`, or the fastest if none is in it. Within the 5 % the choice is
// fixed, so that noise in a measurement does not flip it.
std::size_t recommended_of(const std::vector<PredictedCell>& cells,
                           const std::vector<Mode>& preference);
// For advice: what is simple before what is not, and segments where there are enough for the cores.
std::vector<Mode> preference_for(const Workload& workload, int cores);
std::vector<PredictedCell> predict(const Workload& workload, const std::vector<Cell>& cells,
                                   const Obstacle& obstacle);

// `cells`: to predict. The advice is for as many cores as the most of them. `changes`: what else to
// try, beside what can be made of the workload itself.
Advice advise(const Workload& workload, const std::vector<Cell>& cells, const Obstacle& obstacle,
              const std::vector<Change>& changes = {});

}  // namespace quadrant
