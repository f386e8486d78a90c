// SPDX-License-Identifier: MIT
// What runs leave on a disk before they are done, and how to know that it is ours and that no run
// is using it. Names alone prove nothing: other programs name files .NAME.part too. So a growing
// file is marked (by an extended attribute, where the file system has them), and an output known to
// the journal or to a directory of segments is ours as well.
#pragma once

#include <string>
#include <vector>

#include "pipeline/store/paths.h"

namespace quadrant {

// For an open file or directory. No effect without extended attributes.
void mark_as_ours(int descriptor) noexcept;
void unmark(int descriptor) noexcept;
bool is_marked(const fs::path& path) noexcept;
// Replaces the text of a mark. No effect on files without a mark, or if `text` is empty.
void tell_in_mark(const fs::path& path, const std::string& text) noexcept;

// Is nobody writing this growing file of a shared directory? Its name contains its process
// (name_of_this_process): on this host, asks whether the process exists; on another, whether the
// file has not grown for ten minutes.
bool is_abandoned(const fs::path& growing) noexcept;

// An output in a directory, and what exists of it.
struct OutputTrace {
  std::string name;       // of the output
  bool is_there = false;  // under its name
  bool finished = false;  // complete for the job that the journal names
  bool live = false;      // a run is writing it now
  bool part = false;      // .NAME.part exists
  bool part_is_ours = false;
  std::string told;           // the text of its mark
  int segments = 0;           // finished units of a cut input, in .NAME.segments
  bool has_segments = false;  // that directory exists and is ours
};
// All in `directory`, sorted by name. Throws Error(usage) if it is no directory.
std::vector<OutputTrace> output_traces(const std::string& directory);

}  // namespace quadrant
