// SPDX-License-Identifier: MIT
#include "tools/side_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "pipeline/batch/names.h"
#include "pipeline/media/sequence.h"

namespace quadrant {
namespace {

namespace fs = std::filesystem;

// With links followed, also where the file is not there yet.
fs::path real_path(const std::string& path) {
  std::error_code ignored;
  return fs::weakly_canonical(fs::absolute(path, ignored), ignored);
}

fs::path directory_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

// A pipe or a device (/dev/stdout) is written to; only a file can be replaced.
bool is_replaced(const std::string& path) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  return !fs::exists(status) || fs::is_regular_file(status);
}

bool is_picture_of(const std::string& path, const std::string& output) {
  const fs::path pattern = real_path(output), picture = real_path(path);
  const std::optional<Sequence> sequence = sequence_of(pattern.filename().string());
  return sequence && pattern.parent_path() == picture.parent_path() &&
         sequence->names(picture.filename().string());
}

std::string no_access(const std::string& path) {
  return faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0 ? "" : std::strerror(errno);
}

// Is it, or will it be, once the run made the directory of `output`?
bool will_be_there(const fs::path& directory, const std::string& output) {
  for (fs::path p = directory_of(real_path(output)); p.has_relative_path(); p = p.parent_path())
    if (p == directory) return true;
  return false;
}

void write_to(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  if (!out) fail(Fault::temporary, "{}: cannot be written: {}", path, std::strerror(errno));
}

}  // namespace

bool SideFile::is(const std::string& other) const {
  std::error_code ignored;
  return fs::equivalent(path_, other, ignored) || real_path(path_) == real_path(other);
}

void SideFile::refuse(const std::string& reason) const {
  fail(Fault::usage, "{} {}: {}", option_, path_, reason);
}

void SideFile::refuse_to_replace(const InputState& input) const {
  for (const std::string& file : files_of(input.input))
    if (is(file)) refuse("is the input " + input.input + ", which is never overwritten");
  if (is(input.output) || is(part_name(input.output)) || is_picture_of(path_, input.output))
    refuse("is the output of " + input.input);
}

void SideFile::check_directory(const Batch& batch) const {
  const fs::path directory = directory_of(real_path(path_));
  const std::string why = no_access(directory.string());
  if (why.empty()) return;
  std::error_code ignored;
  if (!fs::exists(directory, ignored))
    for (const InputState& input : batch.inputs())
      if (will_be_there(directory, input.output)) return;
  refuse(fmt::format("cannot be written: {}: {}", directory.string(), why));
}

void SideFile::check(const Batch& batch, const std::vector<Named>& others) const {
  if (!wanted()) return;
  std::error_code ignored;
  if (fs::is_directory(path_, ignored)) refuse("is a directory");
  if (fs::exists(path_, ignored))
    if (const std::string why = no_access(path_); !why.empty()) refuse("cannot be written: " + why);
  if (!is_replaced(path_)) return;
  for (const Named& other : others)
    if (!other.path.empty() && is(other.path)) refuse("is " + other.what + " too");
  for (const InputState& input : batch.inputs()) refuse_to_replace(input);
  check_directory(batch);
}

void SideFile::write(const std::string& text) const {
  if (!is_replaced(path_)) return write_to(path_, text);
  const fs::path target = real_path(path_);
  const std::string part = part_name(target.string());
  std::error_code error;
  fs::create_directories(directory_of(target), error);  // an output's, and none was made
  try {
    write_to(part, text);
    fs::rename(part, target, error);
    if (error) fail(Fault::temporary, "{}: cannot be written: {}", path_, error.message());
  } catch (const Error&) {
    fs::remove(part, error);
    throw;
  }
}

}  // namespace quadrant
