// SPDX-License-Identifier: MIT
// Names of files: which are the same file, what grows beside an output under which name, and how a
// name is written as text. Nothing here throws for what a file system says.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace quadrant {

namespace fs = std::filesystem;

bool is_there(const fs::path& path) noexcept;
bool is_directory(const fs::path& path) noexcept;
fs::path directory_of(const fs::path& path);                  // "." where it names none
std::vector<fs::path> entries_of(const fs::path& directory);  // in no order; none if unreadable

// Absolute and without "." and "..", links not followed: one spelling for one name.
std::string absolute_name(const std::string& path);
// With links followed, also where the file is not there yet.
fs::path canonical_path(const fs::path& path);

using FileId = std::pair<std::uint64_t, std::uint64_t>;  // device and inode
// By symlink, hard link, bind mount or another spelling: the same file. Nothing if it is not there.
std::optional<FileId> file_id(const std::string& path);
// What a pipe gave is gone.
bool can_be_read_again(const std::string& input);

// All files of a sequence (frames/%05d.png) that there are, sorted; of any other name, itself if it
// is there.
std::vector<std::string> files_of(const std::string& path);

// What belongs to `path` while it is made, in the same directory: .NAME.part, in which it grows,
// and .NAME.segments, where the units of a cut input lie. A NAME too long for that is cut short.
std::string part_name(const std::string& path);
std::string segments_name(const std::string& path);
std::string beside_name(const std::string& name);  // NAME as it stands in those
// That NAME of a file's name; "" if it is called otherwise.
std::string name_of_part(const std::string& file);
std::string name_of_segments(const std::string& file);

// A word for names of files that nobody else has now, on any machine: host, process, random number.
std::string name_of_this_process();
std::string host_name();

// A file's name is bytes and JSON is Unicode: what is not plain ASCII is written as %XX.
std::string escaped(const std::string& name);
std::string unescaped(const std::string& text);

}  // namespace quadrant
