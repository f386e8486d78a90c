// SPDX-License-Identifier: MIT
// A job as text that two runs can compare: what shapes an output's bytes, not where it lies, and
// not how it is run (law 1).
#pragma once

#include <string>

#include "pipeline/config/job_spec.h"

namespace quadrant {

// `identify` says which version of a file the stages are given: identity() or content_of().
std::string canonical_job(JobSpec job, std::string (*identify)(const std::string& path));

}  // namespace quadrant
