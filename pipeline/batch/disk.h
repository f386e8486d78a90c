// SPDX-License-Identifier: MIT
// The few calls that durability is made of, each with its one right way to fail.
#pragma once

#include <filesystem>
#include <string>

namespace quadrant {

// fsync of a file or a directory. Never tried again: after a failed fsync the kernel may have
// dropped the pages, and a second call that succeeds would prove nothing. Throws Error(temporary).
void sync(const std::filesystem::path& path);

// Without `replace`, fails where `to` is there. Throws Error(temporary), or Error(input) for that.
void rename_to(const std::filesystem::path& from, const std::filesystem::path& to, bool replace);

std::filesystem::path directory_of(const std::filesystem::path& path);  // "." where it names none

// Appends one line, whole, and syncs it; the newline before it ends a line that a crash may have
// torn. Where it cannot be synced the file is written anew, whole: a line that another run appends
// in that moment is lost. Throws Error(temporary).
void append_line(const std::filesystem::path& file, const std::string& line);

std::string contents(const std::filesystem::path& file);  // "" if it cannot be read

std::string host_name();

// A word for names of files that nobody else has now, on any machine: host, process, random number.
std::string name_of_this_process();

// Writes `file` whole: it grows as .NAME.WORD.new beside it, is synced and renamed over what is
// there. Without locks: of two writers the later one wins. Throws Error(temporary).
void write_whole(const std::filesystem::path& file, const std::string& text);
bool is_new_name(const std::string& name);  // of what grows so

}  // namespace quadrant
