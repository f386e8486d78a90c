// SPDX-License-Identifier: MIT
// Remembers which outputs are complete for which job, in one append-only file of JSON lines in each
// output directory, .quadrant.jsonl. An output is up to date if its line names the same job key and
// the file is as it was when the line was written.
#pragma once

#include <string>

namespace quadrant {

// What an output depends on: the job's canonical configuration, the input's identity, the versions.
// Empty where the input has no identity to compare (a pipe), so it is never up to date.
std::string job_key(const std::string& canonical_job, const std::string& input);

bool is_up_to_date(const std::string& output, const std::string& key);
// Appends and syncs. Throws Error(temporary).
void remember(const std::string& output, const std::string& key);

}  // namespace quadrant
