// SPDX-License-Identifier: MIT
// Whether and where a job cuts an input. This depends only on the configuration and the input,
// never on the mode or the machine.
#pragma once

#include "pipeline/plan/plan.h"

namespace quadrant {

// Length of `auto`, in seconds: long enough that starting anew costs under 1 % in size, short
// enough that a stop loses little. An input shorter than twice this is not cut; the end of a longer
// one is cut into half this length.
constexpr double automatic_segment_seconds = 10;

// Sets plan.segments, and adds a note if a long enough input is not cut. The steps must be planned.
// Throws Error(usage) with its location if the requested segments are impossible.
void plan_segments(Plan& plan, const JobSpec& job, const Input& input,
                   const OutputRequest& request);

// The stage that prevents segments because it remembers all earlier frames; null if none.
const PlannedStage* unbounded_stage(const std::vector<Step>& steps);

}  // namespace quadrant
