// SPDX-License-Identifier: MIT
// A job measured in several modes on several numbers of cores: what each run told, and what the
// runs of a cell (one mode, one number of cores) say together.
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

// One run, by its own report.
struct MeasuredRun {
  int position = 0;  // in its round, from 1
  double wall_seconds = 0, cpu_seconds = 0;
  std::int64_t frames = 0;
  double in_progress = 0;                 // mean
  std::map<std::string, double> in_kind;  // of in_progress, by FrameStateKind's name
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
  std::vector<MeasuredRun> runs;         // round by round; what warmed up is not among them
  std::string impossible;                // why the job cannot be run so; then there are no runs
  std::vector<std::string> differences;  // from what the reference made; empty: the same
};

// Medians over a cell's runs, and the greatest peaks.
struct CellSummary {
  Estimate fps, speed_up;  // speed_up: over `sequential`, run i beside run i
  Estimate efficiency;     // speed_up / cores
  double fps_per_core = 0;
  double cpu_seconds_per_1000 = 0;  // frames
  double wall_seconds = 0;
  double in_progress = 0, executing = 0;
  std::string quadrant;
  std::int64_t peak_rss_bytes = 0;
  int peak_threads = 0;
  ContextSwitches switches;
  std::vector<StageReport> stages;        // means a run
  std::map<std::string, double> in_kind;  // the same
};

// The run of the median wall time, or a neighbour of it. Needs runs.
const MeasuredRun& typical_run(const MeasuredCell& cell);

// Both need runs, as many each; the intervals are drawn from `seed`.
CellSummary summarize(const MeasuredCell& cell, const MeasuredCell& reference, std::uint64_t seed);

}  // namespace quadrant
