// SPDX-License-Identifier: MIT
// Takes away what runs that died, and segments of what is finished, left behind; nothing that a
// live run writes, and nothing that is not known to be ours.
#pragma once

#include <string>
#include <vector>

#include "pipeline/job/run_directory.h"

namespace quadrant {

struct Cleaning {
  std::vector<std::string> removed;  // paths
  std::vector<std::string> kept;     // "PATH: why", what looks like ours and was left alone
};

struct CleanOptions {
  bool all = false;      // also what an unfinished output could go on from, and units of finished
  bool dry_run = false;  // tells, and removes nothing
};

// Of a directory of outputs. Throws Error(usage) if it is none.
Cleaning clean_outputs(const std::string& directory, const CleanOptions& options);
// Of a planned run.
Cleaning clean_run(const RunDirectory& run, const CleanOptions& options);

}  // namespace quadrant
