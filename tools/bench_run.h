// SPDX-License-Identifier: MIT
// One run of a benchmark as a separate process: `quadrant run` with a report. Peak memory, the
// threads of library pools and context switches belong to a process and never decrease, and an
// allocator or codec warmed up by an earlier run would flatter the next; so no run leaves anything
// for another. Starting the process is not measured: the report's clocks begin later.
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

// What all runs have in common.
struct RunCommand {
  std::vector<std::string> options;  // of `quadrant run`: --set, --memory ...
  std::string config;
  std::vector<std::string> inputs;
  std::string output_name;  // of the configuration's path, without the directory
};

// `writes_nothing`: without any container.
RunCommand command_of(const JobOptions& options, const JobSpec& job, const Batch& batch,
                      bool writes_nothing = false);

struct RunOutcome {
  int code = 0;      // exit code of the process
  std::string told;  // its standard error
  MeasuredRun run;   // valid if the code is 0
  std::vector<PlannedAlike> plans;
  std::string hashes;  // of the frames, if requested
};

// Runs the cell with its outputs in `outputs`, which is created anew. Waits until the process has
// ended; a raised flag stops it. Throws Error(stopped), Error(temporary).
RunOutcome run_process(const RunCommand& command, const Cell& cell,
                       const std::filesystem::path& outputs, bool with_hashes,
                       const Scratch& scratch, const StopFlag& stop);

}  // namespace quadrant
