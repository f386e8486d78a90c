// SPDX-License-Identifier: MIT
// Runs of one input outside of any batch, stage by stage, one frame at a time on one core: the
// reference, and the run that tries what stages declared of their reach.
#pragma once

#include <string>

#include "pipeline/config/job_spec.h"
#include "pipeline/execute/observer.h"
#include "pipeline/media/stop.h"
#include "pipeline/plan/plan.h"

namespace quadrant {

// An input with its plan in one piece, however the job cuts it.
struct AloneInput {
  Input input;
  Plan plan;
};
// Throws Error where it cannot be opened or planned.
AloneInput open_alone(const JobSpec& job, const std::string& input, const std::string& output,
                      const StopFlag& stop);

// Each stage is a step of its own: over the whole picture, or strip by strip with no rows in sight
// but those that it declared to read.
Plan stage_by_stage(Plan plan);
Plan stage_by_stage_confined(Plan plan);

// Writes the file that was planned; returns how many frames the encoder took. Throws Error.
std::int64_t run_alone(AloneInput alone, Observer& observer, const StopFlag& stop);

}  // namespace quadrant
