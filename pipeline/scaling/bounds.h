// SPDX-License-Identifier: MIT
// Predicts a run from operational bounds (Denning and Buzen, "The operational analysis of queueing
// network models", 1978): a run takes at least as long as its busiest resource is busy. Resources
// are the cores, the longest ordered lane of each unit, and the frames that may be in progress. The
// executors come near the largest of these bounds, so it is the prediction.
//
// Not in it: queues between resources that are almost equally busy, how costs vary from frame to
// frame, what oneTBB costs, copied sound, and other load on the machine.
#pragma once

#include "pipeline/scaling/simulate.h"

namespace quadrant {

// `mode`: not automatic. `cores`: as many as are there.
Prediction bounded(const Workload& workload, Mode mode, int cores);

}  // namespace quadrant
