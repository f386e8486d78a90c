// SPDX-License-Identifier: MIT
// A batch's counters as plain values, for the progress display and the report.
#pragma once

#include "pipeline/batch/batch.h"
#include "pipeline/observe/progress.h"
#include "pipeline/observe/report.h"

namespace quadrant {

BatchProgress progress_of(const Batch& batch, double seconds);
// `wall` and `cpu`: seconds of the run; `peak_threads`: the most that was seen.
Report report_of(const Batch& batch, double wall, double cpu, int peak_threads);

}  // namespace quadrant
