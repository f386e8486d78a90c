// SPDX-License-Identifier: MIT
// Identifies the version of a job and of an input: the contents of a JobKey.
//
// Within one machine an input is identified by name, size and modification time, which is free and
// sees every change. Machines that share a file system agree on names and bytes, but perhaps not on
// modification times, and a copy has another one: there an input is identified by its content.
#pragma once

#include <string>

#include "pipeline/config/job_spec.h"
#include "pipeline/plan/job_key.h"

namespace quadrant {

// What a file system knows of a file, or of all pictures of a sequence, without reading it: size
// and modification time. Empty if there is no file.
std::string identity(const std::string& path);
// The same of all files that an input reads by name.
std::string identity(const InputSpec& input);

// A hash of sizes and contents: all of a file of up to 4 MiB; of a larger one 64 evenly spread
// blocks of 64 KiB, including the first and the last; of each picture of a sequence the first 64
// KiB. So a change inside a large file is missed if it keeps the size and touches none of these
// blocks. For "lavfi:…" a hash of the text. Empty for an input without content that can be read
// twice: a pipe, a URL, a missing file.
std::string content_of(const std::string& input);
// The same of all files that an input reads by name.
std::string content_of(const InputSpec& input);

// A job as text that two runs can compare: what determines an output's bytes, not its path, and not
// how the job runs (law 1). `identify` gives the version of the files that stages read: identity()
// or content_of().
std::string canonical_job(JobSpec job, std::string (*identify)(const std::string& path));

// Uses identity().
JobKey job_key(const std::string& canonical_job, const InputSpec& input);
// Uses content_of(). Includes the names as the user gave them: two inputs may be copies of each
// other.
JobKey shared_key(const std::string& canonical_job, const InputSpec& input,
                  const std::string& output);

}  // namespace quadrant
