// SPDX-License-Identifier: MIT
#include "pipeline/store/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <regex>

#include "pipeline/error.h"

namespace quadrant {
namespace {

struct Outcome {
  int cause = 0;         // errno of the failure
  bool written = false;  // then a cause means: not known to be on the disk
};

// In a single write, followed by a sync if `syncs`.
Outcome write_text(const fs::path& file, int flags, const std::string& text, bool syncs) {
  const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0666);
  Outcome outcome;
  outcome.written = descriptor >= 0 && write(descriptor, text.data(), text.size()) ==
                                           static_cast<ssize_t>(text.size());
  if (!outcome.written || (syncs && fsync(descriptor) != 0))
    outcome.cause = errno != 0 ? errno : EIO;  // a short write sets no errno
  if (descriptor >= 0) close(descriptor);
  return outcome;
}

// Without `replace`, fails if `to` exists.
void rename_to(const fs::path& from, const fs::path& to, bool replace) {
  int code = -1;
  if (!replace) code = renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE);
  if (code != 0 && !replace && errno == EEXIST)
    fail(Fault::input, "{}: appeared during the run; --overwrite replaces it", to.string());
  const bool unknown = errno == EINVAL || errno == ENOSYS;  // not supported by this file system
  if (code != 0 && (replace || unknown)) code = std::rename(from.c_str(), to.c_str());
  if (code != 0)
    fail(Fault::temporary, "{}: cannot be named: {}", to.string(), std::strerror(errno));
}

}  // namespace

void commit(const std::vector<Growing>& files, bool replace,
            const std::function<void()>& before_naming) {
  for (const Growing& file : files) sync(file.part);
  if (before_naming) before_naming();
  for (const Growing& file : files) rename_to(file.part, file.name, replace);
  if (!files.empty()) sync(directory_of(files.front().name));
}

void sync(const fs::path& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    fail(Fault::temporary, "{}: cannot be synced: {}", path.string(), std::strerror(errno));
  const int failed = fsync(descriptor) != 0 ? errno : 0;
  close(descriptor);
  // Some file systems have no fsync for directories and promise no more.
  if (failed != 0 && failed != EINVAL)
    fail(Fault::temporary, "{}: cannot be synced: {}", path.string(), std::strerror(failed));
}

void append_line(const fs::path& file, const std::string& line) {
  // A single write to a file opened for appending: lines of two runs do not mix.
  const std::string text = "\n" + line + "\n";
  const Outcome outcome = write_text(file, O_APPEND, text, true);
  if (outcome.cause == 0) return;
  // It is unknown which lines are on the disk, and another sync would not tell.
  if (outcome.written) return write_whole(file, contents(file));
  fail(Fault::temporary, "{}: cannot be written: {}", file.string(), std::strerror(outcome.cause));
}

std::string contents(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool is_new_name(const std::string& name) {
  static const std::regex form("\\..+\\.[A-Za-z0-9-]+-[0-9]+-[0-9a-f]{8}\\.new");
  return std::regex_match(name, form);
}

void write_whole(const fs::path& file, const std::string& text) {
  const std::string word = name_of_this_process(), name = file.filename().string();
  const fs::path part = directory_of(file) / ("." + name + "." + word + ".new");
  try {
    if (const int cause = write_text(part, O_TRUNC, text, false).cause)
      fail(Fault::temporary, "{}: cannot be written: {}", file.string(), std::strerror(cause));
    commit({{part, file}}, true);
  } catch (...) {
    std::error_code ignored;
    fs::remove(part, ignored);
    throw;
  }
}

}  // namespace quadrant
