// SPDX-License-Identifier: MIT
// Which version of a job and of an input this is: what a JobKey is made of.
//
// Within one machine an input is told by name, size and time of change, which costs nothing and
// sees every change. Machines that share a file system agree on names and bytes; on times of change
// they may not, and a copy has another one: there an input is told by its content.
#pragma once

#include <string>

#include "pipeline/config/job_spec.h"
#include "pipeline/plan/job_key.h"

namespace quadrant {

// What a file system tells of a file, or of all pictures of a sequence, without reading it: size
// and time of last change. Empty if it is not there.
std::string identity(const std::string& path);

// A hash of sizes and contents: all of a file of up to 4 MiB, of a larger one 64 blocks of 64 KiB
// spread evenly, the first and the last among them; of each picture of a sequence the first 64 KiB.
// So a change inside a large file that keeps its size and touches no such block is not seen. Of
// "lavfi:…" the text. Empty for what has no content that could be read twice: a pipe, a URL,
// nothing.
std::string content_of(const std::string& input);

// A job as text that two runs can compare: what shapes an output's bytes, not where it lies, and
// not how it is run (law 1). `identify` says which version of a file the stages are given:
// identity() or content_of().
std::string canonical_job(JobSpec job, std::string (*identify)(const std::string& path));

// By identity().
JobKey job_key(const std::string& canonical_job, const std::string& input);
// By content_of(). The names are part of it, as the user gave them: two inputs may be copies of
// each other.
JobKey shared_key(const std::string& canonical_job, const std::string& input,
                  const std::string& output);

}  // namespace quadrant
