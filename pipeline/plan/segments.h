// SPDX-License-Identifier: MIT
// Whether and where a job cuts an input. Part of the job: it depends on the configuration and the
// input, and never on the mode or the machine.
#pragma once

#include "pipeline/plan/plan.h"

namespace quadrant {

// Length of `auto`, in seconds: long enough that beginning anew costs under 1 % in size, short
// enough that a stop loses little. An input under twice this is not cut; the end of a longer one is
// cut half as long.
constexpr double automatic_segment_seconds = 10;

// Settles plan.segments, with a note where an input that is long enough is not cut. The steps are
// planned. Throws Error(usage), placed, where segments were asked for that cannot be.
void plan_segments(Plan& plan, const JobSpec& job, const Input& input,
                   const OutputRequest& request);

// The stage for which a segment cannot begin by itself: it remembers everything before it. Null if
// there is none.
const PlannedStage* unbounded_stage(const std::vector<Step>& steps);

}  // namespace quadrant
