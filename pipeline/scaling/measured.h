// SPDX-License-Identifier: MIT
// A job measured in several modes on several numbers of cores: the figures of each run, and of all
// runs of a cell (one mode, one number of cores) together.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "pipeline/config/job_spec.h"
#include "pipeline/observe/machine.h"
#include "pipeline/observe/report.h"
#include "pipeline/scaling/statistics.h"

namespace quadrant {

// One run, from its own report.
struct MeasuredRun {
  int position = 0;  // in the round, from 1
  double wall_seconds = 0, cpu_seconds = 0;
  std::int64_t frames = 0;
  double in_progress = 0;                 // mean
  std::map<std::string, double> in_kind;  // parts of in_progress, by name of FrameStateKind
  std::int64_t peak_rss_bytes = 0;
  int peak_threads = 0;
  ContextSwitches switches;
  std::vector<StageReport> stages;  // over all inputs
  MachineUse machine;
  std::vector<OverTime::Sample> over_time;

  double fps() const { return wall_seconds > 0 ? static_cast<double>(frames) / wall_seconds : 0; }
  double executing() const { return wall_seconds > 0 ? cpu_seconds / wall_seconds : 0; }
};

struct Cell {
  Mode mode = Mode::sequential;
  int cores = 1;

  bool operator==(const Cell&) const = default;
  bool is_reference() const { return mode == Mode::sequential; }
};

struct MeasuredCell {
  Cell cell;
  std::vector<MeasuredRun> runs;         // by round; without warm-up runs
  std::string impossible;                // why the mode cannot run the job; then there are no runs
  std::vector<std::string> differences;  // from the reference's files; empty: none
};

// Medians over a cell's runs, and the highest peaks.
struct CellSummary {
  Estimate fps, speed_up;  // speed_up: relative to `sequential`, paired by run
  Estimate efficiency;     // speed_up / cores
  double fps_per_core = 0;
  double cpu_seconds_per_1000 = 0;  // per 1000 frames
  double wall_seconds = 0;
  double in_progress = 0, executing = 0;
  std::string quadrant;
  std::int64_t peak_rss_bytes = 0;
  int peak_threads = 0;
  ContextSwitches switches;
  std::vector<StageReport> stages;        // means per run
  std::map<std::string, double> in_kind;  // means per run
};

// The run with the median wall time, or next to it. Needs runs.
const MeasuredRun& typical_run(const MeasuredCell& cell);

// Both cells need equally many runs; `seed` is for the intervals.
CellSummary summarize(const MeasuredCell& cell, const MeasuredCell& reference, std::uint64_t seed);

}  // namespace quadrant
