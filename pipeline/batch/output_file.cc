// SPDX-License-Identifier: MIT
#include "pipeline/batch/output_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include "pipeline/batch/disk.h"
#include "pipeline/batch/left_overs.h"
#include "pipeline/batch/names.h"
#include "pipeline/fault_of.h"
#include "pipeline/media/sequence.h"

namespace quadrant {
namespace {

namespace fs = std::filesystem;

// A lock is on a file, not on its name: a run that ended may have renamed it in the meantime.
bool still_named(int descriptor, const std::string& name) {
  struct stat held {
  }, named{};
  return fstat(descriptor, &held) == 0 && stat(name.c_str(), &named) == 0 &&
         held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

}  // namespace

OutputFile::OutputFile(std::string path, Kind kind)
    : path_(std::move(path)), part_(part_name(path_)), kind_(kind) {
  std::error_code error;
  fs::create_directories(directory_of(path_), error);
  if (error)
    fail(fault_of(error.value()), "{}: its directory cannot be made: {}", path_, error.message());
  if (kind_.sequence) {
    directory_ = part_;
    part_ = with_doubled_percent(directory_) + "/" + fs::path(path_).filename().string();
  }
  lock();
  empty();  // of a run that was killed
}

OutputFile::~OutputFile() {
  if (lock_ >= 0) close(lock_);
}

void OutputFile::lock() {
  const std::string& name = kind_.sequence ? directory_ : part_;
  const int flags = kind_.sequence ? O_RDONLY | O_DIRECTORY : O_RDWR | O_CREAT | O_NOFOLLOW;
  do {
    if (lock_ >= 0) close(lock_);
    if (kind_.sequence) mkdir(name.c_str(), 0777);
    lock_ = open(name.c_str(), flags | O_CLOEXEC, 0666);
    if (lock_ < 0) {
      fail(fault_of(errno), "{}: cannot be written: {}", path_, std::strerror(errno));
    }
    if (flock(lock_, LOCK_EX | LOCK_NB) == 0) {
      mark_as_ours(lock_);
      continue;
    }
    if (errno == EWOULDBLOCK) fail(Fault::locked, "{}: another run is writing it just now", path_);
    return mark_as_ours(lock_);  // no locks on this file system
  } while (!still_named(lock_, name));
}

void OutputFile::complete(const Remember& remember) {
  if (kind_.sequence) return complete_sequence(remember);
  sync(part_);
  remember({});
  unmark(lock_);
  rename_to(part_, path_, kind_.replace);
  sync(directory_of(path_));
}

void OutputFile::complete_sequence(const Remember& remember) {
  std::vector<std::string> pictures;
  for (const fs::directory_entry& each : fs::directory_iterator(directory_)) {
    sync(each.path());
    pictures.push_back(each.path().filename().string());
  }
  for (const std::string& name : pictures)
    rename_to(fs::path(directory_) / name, directory_of(path_) / name, kind_.replace);
  std::error_code ignored;
  fs::remove(directory_, ignored);
  remember(pictures);
  sync(directory_of(path_));
}

void OutputFile::empty() noexcept {
  if (!kind_.sequence) return;  // a file is written over
  std::error_code ignored;
  for (const fs::directory_entry& left : fs::directory_iterator(directory_, ignored))
    fs::remove(left.path(), ignored);
}

void OutputFile::discard() noexcept {
  std::error_code ignored;
  fs::remove_all(part_name(path_), ignored);
}

}  // namespace quadrant
