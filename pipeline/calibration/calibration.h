// SPDX-License-Identifier: MIT
// A short measurement of a job: excerpts of its inputs, spread over them, are run as `sequential`
// runs them, by themselves and as many at once as there are cores.
#pragma once

#include <string>
#include <vector>

#include "pipeline/calibration/excerpt.h"
#include "pipeline/job/batch.h"
#include "pipeline/scaling/workload.h"

namespace quadrant {

struct Calibration {
  Workload workload;
  std::vector<std::shared_ptr<const Plan>> plans;  // by input; null where it cannot be planned
  double seconds = 0;                              // it took, with planning
  std::int64_t frames = 0;                         // encoded
  std::vector<Excerpt> excerpts;
  std::vector<ExcerptCosts> alone;  // what each cost
  std::vector<std::string> notes;   // what makes it less sure
};

struct CalibrationOptions {
  double seconds = 10;  // at most, but for planning and the last frame
  int cores = 1;        // that are here
};

// Plans every input of the batch and opens some of them again. Throws Error(stopped), or the first
// input's error if none can be planned.
Calibration calibrate(Batch& batch, const CalibrationOptions& options, const StopFlag& stop);

// Runs excerpts again, `turn` telling which, round and round: one alone, then as many at once as
// there are cores. Throws Error.
SpeedFactor speed_now(const Calibration& calibration, std::size_t turn, const StopFlag& stop);

}  // namespace quadrant
