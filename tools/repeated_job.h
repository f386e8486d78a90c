// SPDX-License-Identifier: MIT
// A job that is run many times, in ways that the command chooses: bench, and what advise checks.
#pragma once

#include "tools/bench_run.h"
#include "tools/job_options.h"

namespace quadrant {

// What the job is: CONFIG, INPUT, --set and the like. How it is run is not among them.
std::vector<Option> repeated_job_options(JobOptions& job);

// `writes_nothing`: into no container at all.
RunCommand repeated_command(const JobOptions& options, const JobSpec& job, const Batch& batch,
                            bool writes_nothing = false);

// Throws Error(usage) where an input can be read only once.
void refuse_unrepeatable(const Batch& batch, std::string_view command);

}  // namespace quadrant
