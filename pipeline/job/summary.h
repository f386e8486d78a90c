// SPDX-License-Identifier: MIT
// A batch's counters as plain values, for the progress display and the report.
#pragma once

#include "pipeline/job/batch.h"
#include "pipeline/observe/progress.h"
#include "pipeline/observe/report.h"

namespace quadrant {

// Includes the inputs that ended since the last call.
BatchProgress progress_of(Batch& batch, double seconds);
// What the thread that samples the run measured.
struct Watched {
  double wall_seconds = 0, cpu_seconds = 0;
  int peak_threads = 0;
  std::vector<OverTime::Sample> over_time;
  std::vector<double> executing_seconds;
  std::vector<ThreadReading> threads;
};
Report report_of(const Batch& batch, const Watched& watched);

}  // namespace quadrant
