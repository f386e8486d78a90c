// SPDX-License-Identifier: MIT
// A job that `quadrant plan` wrote into RUN/, read again for the units to do now.
#pragma once

#include <string>
#include <vector>

#include "pipeline/job/run_directory.h"
#include "tools/job_options.h"

namespace quadrant {

// A configuration is a file; a planned run is a directory.
bool is_run_directory(const std::string& config);

struct Choice {                  // of units; empty: all
  std::string shard;             // I/N
  std::vector<std::string> ids;  // instead of a shard
};
// Throws Error(usage) for an id that the plan does not have.
std::vector<PlannedUnit> chosen(const std::vector<PlannedUnit>& units, const Choice& choice);

struct PlannedJob {
  JobSpec job;
  BatchOptions options;
};
// `options.config` is RUN/. Throws Error(usage) if the plan is missing or incomplete, or if the
// options would change what was planned.
PlannedJob planned_job(const JobOptions& options, const Choice& choice);
PlannedJob job_to_merge(const JobOptions& options);

}  // namespace quadrant
