// SPDX-License-Identifier: MIT
// The one way in which a file of ours gets its name: it grows under another one beside it, is
// synced, renamed, and its directory is synced. So a name never holds half a file, not even after a
// power cut. Outputs, units, plans, records and reports all take it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "pipeline/store/paths.h"

namespace quadrant {

struct Growing {
  fs::path part;  // the name in which it grew
  fs::path name;  // and the one that it gets
};

// All files lie in one directory. `before_naming` is called once all are on the disk. Where a name
// is there and may not be replaced: Error(input). Throws Error(temporary).
void commit(const std::vector<Growing>& files, bool replace,
            const std::function<void()>& before_naming = {});

// Writes `file` whole: it grows as .NAME.WORD.new beside it. Without locks: of two writers the
// later one wins. Throws Error(temporary).
void write_whole(const fs::path& file, const std::string& text);
bool is_new_name(const std::string& name);  // of what grows so

// Appends one line, whole, and syncs it; the newline before it ends a line that a crash may have
// torn. Where it cannot be synced the file is written anew, whole: a line that another job appends
// in that moment is lost. Throws Error(temporary).
void append_line(const fs::path& file, const std::string& line);

std::string contents(const fs::path& file);  // "" if it cannot be read

// fsync of a file or a directory. Never tried again: after a failed fsync the kernel may have
// dropped the pages, and a second call that succeeds would prove nothing. Throws Error(temporary).
void sync(const fs::path& path);

}  // namespace quadrant
