// SPDX-License-Identifier: MIT
// File names: which names are the same file, what grows next to an output under which name, and how
// a name is written as text. No file-system error throws here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/input_spec.h"

namespace quadrant {

namespace fs = std::filesystem;

bool is_there(const fs::path& path) noexcept;
bool is_directory(const fs::path& path) noexcept;
fs::path directory_of(const fs::path& path);                  // "." if it has none
std::vector<fs::path> entries_of(const fs::path& directory);  // unordered; empty if unreadable
std::vector<fs::path> entries_of(const fs::path& directory, std::error_code& error);

// Absolute and without "." and "..", links not followed: one spelling for one name.
std::string absolute_name(const std::string& path);
// With links followed, also where the file is not there yet.
fs::path canonical_path(const fs::path& path);

using FileId = std::pair<std::uint64_t, std::uint64_t>;  // device and inode
// Equal for a symlink, hard link, bind mount or another spelling of one file. Nothing if there is
// no file.
std::optional<FileId> file_id(const std::string& path);
// False for pipes: their data is gone once read.
bool can_be_read_again(const std::string& input);

// All existing files of a sequence (frames/%05d.png), sorted; for any other name, the file itself
// if it exists.
std::vector<std::string> files_of(const std::string& path);
// All existing files that an input reads by name: those of its pictures, or of its parts.
std::vector<std::string> files_of(const InputSpec& input);

// Names for use while `path` is made, in the same directory: .NAME.part, in which it grows, and
// .NAME.segments, with the units of a cut input. A NAME too long for that is shortened.
std::string part_name(const std::string& path);
std::string segments_name(const std::string& path);
std::string beside_name(const std::string& name);  // NAME as used in these
// The NAME in such a file's name; "" for any other file.
std::string name_of_part(const std::string& file);
std::string name_of_segments(const std::string& file);

// A word for file names that is unique among all machines: host, process, random number.
std::string name_of_this_process();
std::string host_name();

// File names are bytes, and JSON is Unicode: bytes other than plain ASCII are written as %XX.
std::string escaped(const std::string& name);
std::string unescaped(const std::string& text);

}  // namespace quadrant
