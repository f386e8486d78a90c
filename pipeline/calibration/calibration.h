// SPDX-License-Identifier: MIT
// A short measurement of a job: excerpts of its inputs, spread over them, are run as `sequential`
// runs them, by themselves and as many at once as there are cores.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pipeline/calibration/excerpt.h"
#include "pipeline/job/batch.h"
#include "pipeline/scaling/workload.h"

namespace quadrant {

// The plans of a job's inputs, and what it took to make them.
struct PlannedInputs {
  std::vector<std::shared_ptr<const Plan>> plans;  // by input; null where it cannot be planned
  double cpu_seconds = 0;
};

struct Calibration {
  Workload workload;
  std::vector<std::shared_ptr<const Plan>> plans;  // by input; null where it cannot be planned
  double seconds = 0;                              // it took
  std::int64_t frames = 0;                         // encoded
  std::vector<Excerpt> excerpts;
  std::vector<ExcerptCosts> alone;  // what each cost
  std::vector<std::string> notes;   // what makes it less sure
};

struct CalibrationOptions {
  double seconds = 10;  // at most, but for planning and the last frame
  int cores = 1;        // that are here
};

// Opens some of the inputs again; one of them at least has a plan. Throws Error.
Calibration calibrate(const PlannedInputs& inputs, const CalibrationOptions& options,
                      const StopFlag& stop);

// Runs excerpts again, `turn` telling which, round and round: one alone, then as many at once as
// there are cores. Throws Error.
SpeedFactor speed_now(const Calibration& calibration, std::size_t turn, const StopFlag& stop);

}  // namespace quadrant
