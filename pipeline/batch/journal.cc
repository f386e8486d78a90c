// SPDX-License-Identifier: MIT
#include "pipeline/batch/journal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "pipeline/batch/names.h"
#include "pipeline/error.h"
#include "pipeline/media/sequence.h"
#include "pipeline/media/versions.h"

namespace quadrant {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

fs::path journal_of(const fs::path& output) { return output.parent_path() / ".quadrant.jsonl"; }

// Size and time of last change to the nanosecond: what a file system tells without reading it all.
std::string identity_of_file(const std::string& path) {
  struct stat about {};
  if (stat(path.c_str(), &about) != 0 || !S_ISREG(about.st_mode)) return "";
  return fmt::format("{} {}.{:09}", about.st_size, about.st_mtim.tv_sec, about.st_mtim.tv_nsec);
}

// A sequence is all its pictures.
std::string identity(const std::string& path) {
  if (!is_sequence(path) || fs::exists(path)) return identity_of_file(path);
  std::string all;
  for (const std::string& picture : files_of(path))
    all += fs::path(picture).filename().string() + " " + identity_of_file(picture) + "\n";
  return all.empty() ? "" : md5_hex(all);
}

}  // namespace

std::string job_key(const std::string& canonical_job, const std::string& input) {
  std::string source = input.starts_with("lavfi:") ? input : "";
  if (source.empty()) {
    const std::string id = identity(input);
    if (id.empty()) return "";
    std::error_code ignored;
    source = fs::absolute(input, ignored).string() + " " + id;
  }
  return md5_hex(canonical_job + "\n" + source + "\n" + library_versions());
}

bool is_up_to_date(const std::string& output, const std::string& key) {
  if (key.empty()) return false;
  const std::string now = identity(output), name = fs::path(output).filename().string();
  std::ifstream journal(journal_of(output));
  bool same = false;
  for (std::string line; std::getline(journal, line);) {
    const json entry = json::parse(line, nullptr, false);  // a torn line is no entry
    if (!entry.is_object() || entry.value("output", "") != name) continue;
    same = entry.value("key", "") == key && !now.empty() && entry.value("file", "") == now;
  }
  return same;
}

void remember(const std::string& output, const std::string& key) {
  if (key.empty()) return;
  const fs::path journal = journal_of(output);
  const json entry = {
      {"output", fs::path(output).filename().string()}, {"key", key}, {"file", identity(output)}};
  // One write of a whole line to a file opened for appending: lines of two runs do not mix. The
  // newline before it ends a line that a crash may have torn.
  const std::string line = "\n" + entry.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  const int descriptor = open(journal.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  const bool written =
      descriptor >= 0 &&
      write(descriptor, line.data(), line.size()) == static_cast<ssize_t>(line.size()) &&
      fsync(descriptor) == 0;
  const int cause = errno;
  if (descriptor >= 0) close(descriptor);
  if (!written)
    fail(Fault::temporary, "{}: cannot be written: {}", journal.string(), std::strerror(cause));
}

}  // namespace quadrant
