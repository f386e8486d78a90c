// SPDX-License-Identifier: MIT
// Removes what dead runs left behind, and the segments of finished outputs; nothing that a live run
// writes, and nothing that is not known to be ours.
#pragma once

#include <string>
#include <vector>

#include "pipeline/job/run_directory.h"

namespace quadrant {

struct Cleaning {
  std::vector<std::string> removed;  // paths
  std::vector<std::string> kept;     // "PATH: why": looks like ours, but was left alone
};

struct CleanOptions {
  bool all = false;      // also what an unfinished output could resume from, and finished units
  bool dry_run = false;  // lists, and removes nothing
};

// Cleans a directory of outputs. Throws Error(usage) if it is not one.
Cleaning clean_outputs(const std::string& directory, const CleanOptions& options);
// Cleans the directory of a planned run.
Cleaning clean_run(const RunDirectory& run, const CleanOptions& options);

}  // namespace quadrant
