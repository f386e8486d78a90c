// SPDX-License-Identifier: MIT
// What runs leave on a disk before they are done, and how to know that it is ours and that nobody
// is at it any more. Names alone do not tell: other programs call files .NAME.part too. So what
// grows is marked (an extended attribute, where the file system has them), and an output that the
// journal or a directory of segments knows is ours as well.
#pragma once

#include <string>
#include <vector>

#include "pipeline/store/paths.h"

namespace quadrant {

// Of an open file or directory. Without effect where there are no extended attributes.
void mark_as_ours(int descriptor) noexcept;
void unmark(int descriptor) noexcept;
bool is_marked(const fs::path& path) noexcept;
// Replaces the text of a mark; without effect on what is not marked, or no more, and if there is
// none.
void tell_in_mark(const fs::path& path, const std::string& text) noexcept;

// Does nobody write a file that grows in a shared directory, by the name of its process in it
// (name_of_this_process)? On this host the process is asked for, on another one the time since it
// last grew: ten minutes are enough.
bool is_abandoned(const fs::path& growing) noexcept;

// An output in a directory, and what there is of it.
struct OutputTrace {
  std::string name;       // of the output
  bool is_there = false;  // under its name
  bool finished = false;  // complete for the job that the journal names
  bool live = false;      // a run is writing it now
  bool part = false;      // .NAME.part is there
  bool part_is_ours = false;
  std::string told;           // in its mark
  int segments = 0;           // finished parts of a cut input, in .NAME.segments
  bool has_segments = false;  // that directory is there, and ours
};
// All in `directory`, sorted by name. Throws Error(usage) if it is no directory.
std::vector<OutputTrace> output_traces(const std::string& directory);

}  // namespace quadrant
