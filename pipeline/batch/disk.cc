// SPDX-License-Identifier: MIT
#include "pipeline/batch/disk.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <random>
#include <regex>

#include "pipeline/error.h"

namespace quadrant {

namespace fs = std::filesystem;

namespace {

struct Outcome {
  int cause = 0;         // errno of what failed
  bool written = false;  // if so, it is what is not known to be on the disk
};

// In one write, and synced.
Outcome write_synced(const fs::path& file, int flags, const std::string& text) {
  const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0666);
  Outcome outcome;
  outcome.written = descriptor >= 0 && write(descriptor, text.data(), text.size()) ==
                                           static_cast<ssize_t>(text.size());
  if (!outcome.written || fsync(descriptor) != 0)
    outcome.cause = errno != 0 ? errno : EIO;  // a short write tells none
  if (descriptor >= 0) close(descriptor);
  return outcome;
}

}  // namespace

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

void rename_to(const fs::path& from, const fs::path& to, bool replace) {
  int code = -1;
  if (!replace) code = renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE);
  if (code != 0 && !replace && errno == EEXIST)
    fail(Fault::input, "{}: appeared while its output was made; --overwrite replaces it",
         to.string());
  const bool unknown = errno == EINVAL || errno == ENOSYS;  // not on this file system
  if (code != 0 && (replace || unknown)) code = std::rename(from.c_str(), to.c_str());
  if (code != 0)
    fail(Fault::temporary, "{}: cannot be named: {}", to.string(), std::strerror(errno));
}

fs::path directory_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

void append_line(const fs::path& file, const std::string& line) {
  // One write to a file opened for appending: lines of two runs do not mix.
  const std::string text = "\n" + line + "\n";
  const Outcome outcome = write_synced(file, O_APPEND, text);
  if (outcome.cause == 0) return;
  // Which of its lines are on the disk is not known any more, and to sync it again would not tell.
  if (outcome.written) return write_whole(file, contents(file));
  fail(Fault::temporary, "{}: cannot be written: {}", file.string(), std::strerror(outcome.cause));
}

std::string contents(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string host_name() {
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  return name.data();
}

std::string name_of_this_process() {
  static const std::string name = [] {
    std::string word = host_name();
    for (char& c : word)
      if (!std::isalnum(static_cast<unsigned char>(c))) c = '-';
    return fmt::format("{}-{}-{:08x}", word.substr(0, 64), getpid(), std::random_device()());
  }();
  return name;
}

bool is_new_name(const std::string& name) {
  static const std::regex form("\\..+\\.[A-Za-z0-9-]+-[0-9]+-[0-9a-f]{8}\\.new");
  return std::regex_match(name, form);
}

void write_whole(const fs::path& file, const std::string& text) {
  const fs::path part =
      directory_of(file) / ("." + file.filename().string() + "." + name_of_this_process() + ".new");
  const int cause = write_synced(part, O_TRUNC, text).cause;
  if (cause == 0) return rename_to(part, file, true);
  std::error_code ignored;
  fs::remove(part, ignored);
  fail(Fault::temporary, "{}: cannot be written: {}", file.string(), std::strerror(cause));
}

}  // namespace quadrant
