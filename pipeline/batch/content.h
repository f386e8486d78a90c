// SPDX-License-Identifier: MIT
// Which version of an input this is, told by its content alone. Machines that share a file system
// agree on names and bytes; on times of change they may not, and a copy has another one. So a run
// over several machines does not use identity() (journal.h), which is quicker and sees every
// change.
#pragma once

#include <string>

#include "pipeline/batch/journal.h"

namespace quadrant {

// A hash of sizes and contents: all of a file of up to 4 MiB, of a larger one 64 blocks of 64 KiB
// spread evenly, the first and the last among them; of each picture of a sequence the first 64 KiB.
// So a change inside a large file that keeps its size and touches no such block is not seen. Of
// "lavfi:…" the text. Empty for what has no content that could be read twice: a pipe, a URL,
// nothing.
std::string content_of(const std::string& input);

// What a unit of a planned run depends on. `canonical`: the job's text by content_of(). The names
// are part of it, as the user gave them: two inputs may be copies of each other.
JobKey shared_key(const std::string& canonical, const std::string& input,
                  const std::string& output);

}  // namespace quadrant
