// SPDX-License-Identifier: MIT
// A short measurement of a job: runs excerpts, spread over its inputs, as `sequential` does, one at
// a time and on all cores at once.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pipeline/calibration/excerpt.h"
#include "pipeline/job/batch.h"
#include "pipeline/scaling/workload.h"

namespace quadrant {

// The plans of a job's inputs, and the cost of making them.
struct PlannedInputs {
  std::vector<std::shared_ptr<const Plan>> plans;  // by input; null if it could not be planned
  double cpu_seconds = 0;
};

struct Calibration {
  Workload workload;
  std::vector<std::shared_ptr<const Plan>> plans;  // by input; null if it could not be planned
  double seconds = 0;                              // of measuring
  std::int64_t frames = 0;                         // encoded
  std::vector<Excerpt> excerpts;
  std::vector<ExcerptCosts> alone;  // by excerpt
  std::vector<std::string> notes;   // reasons to trust it less
};

struct CalibrationOptions {
  double seconds = 10;  // limit, without planning and the last frame
  int cores = 1;        // that are available
};

// Opens some of the inputs again; at least one must have a plan. Throws Error.
Calibration calibrate(const PlannedInputs& inputs, const CalibrationOptions& options,
                      const StopFlag& stop);

// Runs excerpts again: one alone, then as many at once as there are cores. `turn` chooses which,
// cyclically. Throws Error.
SpeedFactor speed_now(const Calibration& calibration, std::size_t turn, const StopFlag& stop);

}  // namespace quadrant
