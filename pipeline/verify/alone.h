// SPDX-License-Identifier: MIT
// Runs one input outside of any batch, stage by stage, one frame at a time on one core: for the
// reference, and for the run that tests the reach that stages declare.
#pragma once

#include <string>

#include "pipeline/config/job_spec.h"
#include "pipeline/execute/observer.h"
#include "pipeline/media/stop.h"
#include "pipeline/plan/plan.h"

namespace quadrant {

// An input and its plan, uncut even if the job cuts it.
struct AloneInput {
  Input input;
  Plan plan;
};
// Throws Error if the input cannot be opened or planned.
AloneInput open_alone(const JobSpec& job, const InputSpec& input, const std::string& output,
                      const StopFlag& stop);

// Makes each stage a step of its own: over the whole picture, or strip by strip, seeing only the
// rows that it declared to read.
Plan stage_by_stage(Plan plan);
Plan stage_by_stage_confined(Plan plan);

// Writes the planned file; returns the number of frames that the encoder took. Throws Error.
std::int64_t run_alone(AloneInput alone, Observer& observer, const StopFlag& stop);

}  // namespace quadrant
