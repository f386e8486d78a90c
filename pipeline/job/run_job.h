// SPDX-License-Identifier: MIT
// Runs a batch: every input is opened, done unit by unit, and its output named. One page, the same
// for local, isolated, planned and merging jobs; they differ in who does a unit, and in which units
// are to be done.
#pragma once

#include <deque>

#include "pipeline/job/context.h"

namespace quadrant {

void run_job(BatchContext& context, std::deque<InputState>& inputs);

}  // namespace quadrant
