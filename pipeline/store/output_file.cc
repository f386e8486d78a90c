// SPDX-License-Identifier: MIT
#include "pipeline/store/output_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "pipeline/fault_of.h"
#include "pipeline/media/sequence.h"
#include "pipeline/store/atomic_file.h"
#include "pipeline/store/left_overs.h"

namespace quadrant {
namespace {

// A lock is on a file, not on its name: a run that ended may have renamed the file meanwhile.
bool still_named(int descriptor, const std::string& name) {
  struct stat held {
  }, named{};
  return fstat(descriptor, &held) == 0 && stat(name.c_str(), &named) == 0 &&
         held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

// Checked before any work; otherwise it would fail only at the end.
void check_length(const std::string& path) {
  const std::string name = fs::path(path).filename().string();
  const long most = pathconf(directory_of(path).c_str(), _PC_NAME_MAX);
  if (most > 0 && name.size() > static_cast<std::size_t>(most))
    fail(Fault::input,
         "{}: the name has {} bytes, and a file system takes {}; choose a shorter one", path,
         name.size(), most);
}

}  // namespace

OutputFile::OutputFile(std::string path, Kind kind)
    : path_(std::move(path)), part_(part_name(path_)), kind_(kind) {
  std::error_code error;
  fs::create_directories(directory_of(path_), error);
  if (error)
    fail(fault_of(error.value()), "{}: its directory cannot be made: {}", path_, error.message());
  check_length(path_);
  if (kind_.sequence) {
    directory_ = part_;
    part_ = libav_pattern((fs::path(directory_) / fs::path(path_).filename()).string());
  }
  lock();
  empty();  // removes what a killed run left
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
    if (errno == EWOULDBLOCK) fail(Fault::locked, "{}: another run is writing it", path_);
    return mark_as_ours(lock_);  // this file system has no locks
  } while (!still_named(lock_, name));
}

void OutputFile::complete(const Remember& remember) {
  if (kind_.sequence) return complete_sequence(remember);
  commit({{part_, path_}}, kind_.replace, [&] {
    remember({});
    unmark(lock_);
  });
}

void OutputFile::complete_sequence(const Remember& remember) {
  std::vector<std::string> pictures;
  std::vector<Growing> growing;
  for (const fs::path& each : entries_of(directory_)) {
    pictures.push_back(each.filename().string());
    growing.push_back({each, directory_of(path_) / each.filename()});
  }
  commit(growing, kind_.replace);
  std::error_code ignored;
  fs::remove(directory_, ignored);
  remember(pictures);
  sync(directory_of(path_));
}

void OutputFile::empty() noexcept {
  if (!kind_.sequence) return;  // a single file is overwritten
  std::error_code ignored;
  for (const fs::path& left : entries_of(directory_)) fs::remove(left, ignored);
}

void OutputFile::discard() noexcept {
  std::error_code ignored;
  fs::remove_all(part_name(path_), ignored);
}

}  // namespace quadrant
