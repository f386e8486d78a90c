// SPDX-License-Identifier: MIT
// The runs of a benchmark, round by round: each cell once per round, in shuffled order.
//
// The first run of each cell is dropped: it warms caches, and its frames are hashed and compared
// with the reference's. Hashing takes time (MD5, some milliseconds per picture), so no timed run
// hashes; the files of timed runs are compared byte by byte.
#pragma once

#include <functional>

#include "tools/bench_result.h"
#include "tools/bench_run.h"

namespace quadrant {

// Fills the cells of `result` with runs; reports each round on standard error. Returns 0, or the
// exit code of a failed run that the benchmark cannot do without. Throws Error(stopped) once the
// flag is raised. Calls `before` before each timed run of a cell.
int run_rounds(const RunCommand& command, BenchResult& result, const StopFlag& stop,
               const std::function<void(const Cell&)>& before);

}  // namespace quadrant
