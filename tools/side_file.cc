// SPDX-License-Identifier: MIT
#include "tools/side_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "pipeline/media/sequence.h"
#include "pipeline/store/atomic_file.h"

namespace quadrant {
namespace {

// A pipe or device (/dev/stdout) is written to directly; only a file can be replaced.
bool is_replaced(const std::string& path) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  return !fs::exists(status) || fs::is_regular_file(status);
}

bool is_picture_of(const std::string& path, const std::string& output) {
  const fs::path pattern = canonical_path(output), picture = canonical_path(path);
  const std::optional<Sequence> sequence = sequence_of(pattern.filename().string());
  return sequence && pattern.parent_path() == picture.parent_path() &&
         sequence->names(picture.filename().string());
}

std::string no_access(const std::string& path) {
  return faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0 ? "" : std::strerror(errno);
}

// Does `directory` exist once the run has made the directory of `output`?
bool will_be_there(const fs::path& directory, const std::string& output) {
  for (fs::path p = directory_of(canonical_path(output)); p.has_relative_path();
       p = p.parent_path())
    if (p == directory) return true;
  return false;
}

}  // namespace

bool SideFile::is(const std::string& other) const {
  std::error_code ignored;
  return fs::equivalent(path_, other, ignored) || canonical_path(path_) == canonical_path(other);
}

void SideFile::refuse(const std::string& reason) const {
  fail(Fault::usage, "{} {}: {}", option_, path_, reason);
}

void SideFile::refuse_to_replace(const InputState& input) const {
  for (const std::string& file : files_of(input.spec()))
    if (is(file)) refuse("is the input " + input.input + ", which is never overwritten");
  if (is(input.output) || is(part_name(input.output)) || is_picture_of(path_, input.output))
    refuse("is the output of " + input.input);
}

void SideFile::check_directory(const Batch& batch) const {
  const fs::path directory = directory_of(canonical_path(path_));
  const std::string why = no_access(directory.string());
  if (why.empty()) return;
  std::error_code ignored;
  if (!is_there(directory))
    for (const InputState& input : batch.inputs())
      if (will_be_there(directory, input.output)) return;
  refuse(fmt::format("cannot be written: {}: {}", directory.string(), why));
}

void SideFile::check(const Batch& batch, const std::vector<Named>& others) const {
  if (!wanted()) return;
  std::error_code ignored;
  if (is_directory(path_)) refuse("is a directory");
  if (is_there(path_))
    if (const std::string why = no_access(path_); !why.empty()) refuse("cannot be written: " + why);
  if (!is_replaced(path_)) return;
  for (const Named& other : others)
    if (!other.path.empty() && is(other.path)) refuse("is " + other.what + " too");
  for (const InputState& input : batch.inputs()) refuse_to_replace(input);
  check_directory(batch);
}

void SideFile::write(const std::string& text) const {
  Growing file(*this);
  file.append(text);
  file.finish();
}

SideFile::Growing::Growing(const SideFile& file) : path_(file.path_) {
  if (is_replaced(path_)) {
    std::error_code ignored;
    const fs::path target = canonical_path(path_);
    fs::create_directories(directory_of(target), ignored);  // an output's, if none was made
    target_ = target.string();
    part_ = part_name(target_);
  }
  out_.open(part_.empty() ? path_ : part_, std::ios::binary);
  if (!out_) fail(Fault::temporary, "{}: cannot be written: {}", path_, std::strerror(errno));
}

void SideFile::Growing::append(std::string_view text) {
  out_.write(text.data(), static_cast<std::streamsize>(text.size()));
  if (!out_ && error_ == 0) error_ = errno;
}

void SideFile::Growing::finish() {
  if (!open_) return;
  out_.close();
  const int cause = out_ ? 0 : error_ != 0 ? error_ : errno;
  try {
    if (cause != 0)
      fail(Fault::temporary, "{}: cannot be written: {}", path_, std::strerror(cause));
    if (!part_.empty()) commit({{part_, target_}}, true);
  } catch (...) {
    abandon();
    throw;
  }
  open_ = false;
}

void SideFile::Growing::abandon() noexcept {
  if (!open_) return;
  open_ = false;
  std::error_code ignored;
  if (!part_.empty()) fs::remove(part_, ignored);
}

}  // namespace quadrant
