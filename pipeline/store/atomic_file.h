// SPDX-License-Identifier: MIT
// The only way in which a file of ours gets its name: it grows next to it under another name, is
// synced and renamed, and its directory is synced. So a name never holds half a file, not even
// after a power cut. Outputs, units, plans, records and reports all use it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "pipeline/store/paths.h"

namespace quadrant {

struct Growing {
  fs::path part;  // its name while it grows
  fs::path name;  // its final name
};

// All files are in one directory. Calls `before_naming` once all are on the disk. Throws
// Error(input) if a name exists and must not be replaced, Error(temporary).
void commit(const std::vector<Growing>& files, bool replace,
            const std::function<void()>& before_naming = {});

// Writes `file` completely: it grows as .NAME.WORD.new next to it. No locks: of two writers the
// later one wins. Throws Error(temporary).
void write_whole(const fs::path& file, const std::string& text);
bool is_new_name(const std::string& name);  // is it the name of such a growing file?

// Appends one whole line and syncs it; its leading newline ends a line that a crash may have torn.
// If the sync fails, the whole file is written anew: a line that another job appends at that moment
// is lost. Throws Error(temporary).
void append_line(const fs::path& file, const std::string& line);

std::string contents(const fs::path& file);  // "" if it cannot be read

// fsync of a file or directory, never retried: after a failed fsync the kernel may have dropped the
// pages, and a second call that succeeds would prove nothing. Throws Error(temporary).
void sync(const fs::path& path);

}  // namespace quadrant
