// SPDX-License-Identifier: MIT
// The runs of a benchmark, round by round: each cell once in every round, in a shuffled order.
//
// Every cell first has a run that is dropped: it warms caches, and its frames are hashed and
// compared with the reference's. Hashing costs time of its own (MD5, some milliseconds a picture),
// so no timed run hashes; what timed runs wrote is compared byte by byte.
#pragma once

#include <functional>

#include "tools/bench_result.h"
#include "tools/bench_run.h"

namespace quadrant {

// Fills the cells of `result` with runs; tells of each round on standard error. Returns 0, or the
// exit code of a run without whose figures there is no benchmark. Throws Error(stopped) once the
// flag is raised. `before` is called before each timed run of a cell.
int run_rounds(const RunCommand& command, BenchResult& result, const StopFlag& stop,
               const std::function<void(const Cell&)>& before);

}  // namespace quadrant
