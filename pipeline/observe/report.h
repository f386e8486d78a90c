// SPDX-License-Identifier: MIT
// What a run did, in numbers. Its JSON is the interface `quadrant-report/2`.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/observe/in_progress.h"
#include "pipeline/observe/machine.h"
#include "pipeline/observe/over_time.h"
#include "pipeline/observe/plan_graph.h"
#include "pipeline/observe/threads.h"

namespace quadrant {

struct StageReport {
  std::string name;
  std::int64_t calls = 0;
  double cpu_seconds = 0, wait_seconds = 0;
};

struct InputReport {
  std::string input, output, status, error;  // error: empty if none
  std::string mode, mode_reason;             // empty if nothing was left to do
  std::shared_ptr<const PlanGraph> plan;     // null if nothing was left to do
  std::int64_t frames_in = 0, frames_out = 0, decode_errors = 0;
  std::int64_t frames_kept = 0;  // of frames_out, those that an earlier run made
  // Of an output that is up to date, by the run that made it; 0: not known.
  std::int64_t recorded_frames = 0;
  double recorded_seconds = 0;
  int segments = 1, segments_kept = 0;
  double wall_seconds = 0;
  std::vector<std::string> losses, damage, reprocessed, retried;
  std::vector<StageReport> stages;
  double backpressure_seconds = 0;  // not reading because of the limit of frames in progress
  double fps() const {
    return wall_seconds > 0 ? static_cast<double>(frames_out - frames_kept) / wall_seconds : 0;
  }
};

// How often a thread left a core: because it waited (voluntary), or because another took its place.
struct ContextSwitches {
  std::int64_t voluntary = 0, involuntary = 0;
};

// The states of the frames in progress: see observe/in_progress.h.
struct FrameStateReport {
  FrameStateKey key;
  double frame_seconds = 0;
};

struct Report {
  std::string version, libraries;  // Quadrant's, and its libraries'
  std::string mode, mode_reason;
  int cores = 1;
  double wall_seconds = 0, cpu_seconds = 0;
  std::int64_t peak_rss_bytes = 0;
  int peak_threads = 0;
  ContextSwitches context_switches;
  double in_progress_mean = 0;
  std::int64_t in_progress_peak = 0;
  std::vector<double> in_progress_seconds;  // [i]: with i + 1 frames in progress
  std::vector<FrameStateReport> states;     // by data flow; their sum: the residence
  std::vector<OverTime::Sample> over_time;
  std::vector<double> executing_seconds;  // OverTime::executing_seconds()
  std::vector<ThreadReading> threads;     // of this process
  Machine machine;
  std::vector<InputReport> inputs;

  double executing_mean() const { return wall_seconds > 0 ? cpu_seconds / wall_seconds : 0; }
  std::int64_t frames_out() const, frames_kept() const;
  double not_in_progress_seconds() const;  // without any frame in progress
  double fps() const {
    return wall_seconds > 0 ? static_cast<double>(frames_out() - frames_kept()) / wall_seconds : 0;
  }
};

// "concurrent and parallel": concurrent above 1.05 frames in progress, parallel above 1.05 cores
// executing; the margin allows for clock-reading errors.
std::string quadrant_of(double in_progress, double executing);
std::string quadrant_of(const Report& report);
// "frames: 7.8 in progress, 1.97 executing on 2 cores: concurrent and parallel, 61.2 fps"
std::string reading(const Report& report);
std::string to_json(const Report& report);

// Of this process so far, or of its largest child that was waited for.
std::int64_t peak_rss_bytes();
// Of all threads of this process so far, and of the children that were waited for.
ContextSwitches context_switches();
std::int64_t rss_bytes();  // of this process now
int thread_count();        // OS threads of this process now

}  // namespace quadrant
