// SPDX-License-Identifier: MIT
#include "pipeline/batch/output_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>

#include "pipeline/batch/names.h"
#include "pipeline/error.h"
#include "pipeline/media/sequence.h"

namespace quadrant {
namespace {

namespace fs = std::filesystem;

// fsync of a file or a directory. Not retried: after a failed fsync the kernel may have dropped
// the pages, and a second call that succeeds would prove nothing.
void sync(const fs::path& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    fail(Fault::temporary, "{}: cannot be synced: {}", path.string(), std::strerror(errno));
  const int failed = fsync(descriptor) != 0 ? errno : 0;
  close(descriptor);
  // Some file systems have no fsync for directories; that is all they promise.
  if (failed != 0 && failed != EINVAL)
    fail(Fault::temporary, "{}: cannot be synced: {}", path.string(), std::strerror(failed));
}

fs::path directory_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

void rename_synced(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error) fail(Fault::temporary, "{}: cannot be named: {}", to.string(), error.message());
}

}  // namespace

OutputFile::OutputFile(std::string path, bool sequence)
    : path_(std::move(path)), part_(part_name(path_)), sequence_(sequence) {
  std::error_code error;
  fs::create_directories(directory_of(path_), error);
  if (error) fail(Fault::input, "{}: its directory cannot be made: {}", path_, error.message());
  if (!sequence_) return;
  discard();  // a left-over of a run that was killed
  directory_ = part_;
  fs::create_directory(directory_, error);
  if (error) fail(Fault::input, "{}: cannot be written: {}", path_, error.message());
  part_ = with_doubled_percent(directory_) + "/" + fs::path(path_).filename().string();
}

void OutputFile::complete() {
  if (sequence_) return complete_sequence();
  sync(part_);
  rename_synced(part_, path_);
  sync(directory_of(path_));
}

void OutputFile::complete_sequence() {
  for (const fs::directory_entry& picture : fs::directory_iterator(directory_))
    sync(picture.path());
  std::set<fs::path> made;
  for (const fs::directory_entry& picture : fs::directory_iterator(directory_))
    made.insert(picture.path().filename());
  for (const fs::path& name : made)
    rename_synced(fs::path(directory_) / name, directory_of(path_) / name);
  // Pictures of an earlier, longer run would pass for the end of this one.
  std::error_code ignored;
  for (const fs::path old : files_of(path_))
    if (!made.contains(old.filename())) fs::remove(old, ignored);
  fs::remove(directory_, ignored);
  sync(directory_of(path_));
}

void OutputFile::discard() noexcept {
  std::error_code ignored;
  fs::remove_all(part_name(path_), ignored);
}

}  // namespace quadrant
