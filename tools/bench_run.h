// SPDX-License-Identifier: MIT
// One run of a benchmark, as a process of its own: `quadrant run` with a report. Peak memory, the
// threads of library pools and context switches belong to a process and never fall again, and an
// allocator or a codec that a run before has warmed up would flatter the next; so nothing of a run
// is left for another. What a process costs to start is before the report's clocks begin.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/media/stop.h"
#include "pipeline/observe/plan_graph.h"
#include "pipeline/scaling/measured.h"
#include "tools/job_options.h"
#include "tools/scratch.h"

namespace quadrant {

// What is the same for all runs.
struct RunCommand {
  std::vector<std::string> options;  // of `quadrant run`: --set, --memory ...
  std::string config;
  std::vector<std::string> inputs;
  std::string output_name;  // of the configuration's path, without its directory
};

// `writes_nothing`: into no container at all.
RunCommand command_of(const JobOptions& options, const JobSpec& job, const Batch& batch,
                      bool writes_nothing = false);

struct RunOutcome {
  int code = 0;      // exit code of the process
  std::string told;  // what it wrote to standard error
  MeasuredRun run;   // if the code is 0
  std::vector<PlannedAlike> plans;
  std::string hashes;  // of the frames, if they were wanted
};

// Runs the cell with its outputs in `outputs`, which is made anew. Waits until the process is gone;
// a raised flag stops it. Throws Error(stopped), Error(temporary).
RunOutcome run_process(const RunCommand& command, const Cell& cell,
                       const std::filesystem::path& outputs, bool with_hashes,
                       const Scratch& scratch, const StopFlag& stop);

}  // namespace quadrant
