// SPDX-License-Identifier: MIT
// Runs a batch: opens every input, does it unit by unit, and names its output. One page for local,
// isolated, planned and merging jobs; they differ in what does a unit, and in which units are to be
// done.
#pragma once

#include <deque>

#include "pipeline/job/context.h"

namespace quadrant {

void run_job(BatchContext& context, std::deque<InputState>& inputs);

}  // namespace quadrant
