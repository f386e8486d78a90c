// SPDX-License-Identifier: MIT
#include "pipeline/store/left_overs.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <map>
#include <regex>

#include "pipeline/error.h"
#include "pipeline/store/identity.h"
#include "pipeline/store/journal.h"
#include "pipeline/store/unit_store.h"

namespace quadrant {
namespace {

constexpr const char* mark = "user.quadrant.growing";
constexpr std::chrono::minutes silence{10};

// Does a run hold the growing file's lock?
bool is_locked(const fs::path& part) {
  const int descriptor = open(part.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (descriptor < 0) return false;
  const bool locked = flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  close(descriptor);
  return locked;
}

std::string told_in_mark(const fs::path& part) {
  std::array<char, 1024> text{};
  const auto size = lgetxattr(part.c_str(), mark, text.data(), text.size());
  return size > 0 ? std::string(text.data(), static_cast<std::size_t>(size)) : "";
}

void look_at_segments(const fs::path& directory, OutputTrace& trace) {
  for (const fs::path& each : entries_of(directory)) {
    const std::string name = each.filename().string();
    trace.has_segments |= is_unit_name(name);
    trace.segments += is_whole_unit(name);
  }
}

void look_at(const fs::path& path, std::map<std::string, OutputTrace>& traces) {
  const std::string file = path.filename().string();
  std::error_code ignored;
  if (const std::string name = name_of_part(file); !name.empty()) {
    traces[name].part = true;
    traces[name].live = is_locked(path);
    traces[name].part_is_ours = is_marked(path);
    traces[name].told = told_in_mark(path);
  }
  const std::string name = name_of_segments(file);
  if (!name.empty() && fs::is_directory(fs::symlink_status(path, ignored)))
    look_at_segments(path, traces[name]);
}

}  // namespace

void mark_as_ours(int descriptor) noexcept { fsetxattr(descriptor, mark, "1", 1, 0); }
void unmark(int descriptor) noexcept { fremovexattr(descriptor, mark); }
bool is_marked(const fs::path& path) noexcept {
  return lgetxattr(path.c_str(), mark, nullptr, 0) > 0;
}
void tell_in_mark(const fs::path& path, const std::string& text) noexcept {
  if (!text.empty()) lsetxattr(path.c_str(), mark, text.data(), text.size(), XATTR_REPLACE);
}

bool is_abandoned(const fs::path& growing) noexcept {
  static const std::regex form("\\.([A-Za-z0-9-]+)-([0-9]+)-[0-9a-f]{8}\\.");
  const std::string name = growing.filename().string(), self = name_of_this_process();
  std::smatch found, own;
  const std::string dotted = "." + self + ".";
  if (std::regex_search(name, found, form) && std::regex_match(dotted, own, form) &&
      found[1] == own[1]) {
    pid_t process = 0;
    const std::string digits = found[2];
    std::from_chars(digits.data(), digits.data() + digits.size(), process);
    return process > 0 && kill(process, 0) != 0 && errno == ESRCH;
  }
  std::error_code error;
  const auto grew = fs::last_write_time(growing, error);
  return !error && fs::file_time_type::clock::now() - grew > silence;
}

std::vector<OutputTrace> output_traces(const std::string& directory) {
  std::error_code error;
  std::map<std::string, OutputTrace> traces;
  const std::vector<fs::path> entries = entries_of(directory, error);
  if (error) fail(Fault::usage, "{}: cannot be read: {}", directory, error.message());
  for (const fs::path& each : entries) look_at(each, traces);
  Journals journals;
  for (const auto& [name, entry] : journals.all(directory)) {
    OutputTrace& trace = traces[beside_name(name)];
    trace.name = name;
    const std::string now = identity((fs::path(directory) / name).string());
    trace.is_there = !now.empty();
    trace.finished = entry.file == now;
    trace.part_is_ours = true;
  }
  std::vector<OutputTrace> all;
  for (auto& [name, trace] : traces) {
    if (trace.name.empty()) trace.name = name;
    trace.part_is_ours |= trace.has_segments;
    all.push_back(std::move(trace));
  }
  return all;
}

}  // namespace quadrant
