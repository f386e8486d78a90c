// SPDX-License-Identifier: MIT
#include "pipeline/media/glob.h"

#include <fnmatch.h>

#include <algorithm>
#include <filesystem>

namespace quadrant {
namespace {

namespace fs = std::filesystem;

// `unreadable` takes the directory itself where the system refuses to list it.
std::vector<fs::path> sorted_entries(const fs::path& directory,
                                     std::vector<std::string>& unreadable) {
  std::vector<fs::path> found;
  const fs::path listed = directory.empty() ? "." : directory;
  std::error_code error, ignored;
  for (fs::directory_iterator it(listed, error), end; !error && it != end; it.increment(error))
    found.push_back(directory / it->path().filename());
  if (error && fs::is_directory(listed, ignored)) unreadable.push_back(listed.string());
  std::ranges::sort(found);
  return found;
}

// Follows the pattern's path components from `rest` on below `base`; collects the matching files.
void match(const fs::path& base, fs::path::iterator rest, const fs::path::iterator& end,
           std::vector<std::string>& found) {
  std::error_code ignored;
  if (rest == end) {
    if (fs::is_regular_file(base, ignored)) found.push_back(base.string());
    return;
  }
  const std::string part = rest->string();
  const auto next = std::next(rest);
  if (part == "**") match(base, next, end, found);
  if (!has_wildcard(part)) {
    if (fs::exists(base / part, ignored)) match(base / part, next, end, found);
    return;
  }
  for (const fs::path& entry : sorted_entries(base, found)) {
    const bool directory = fs::is_directory(entry, ignored);
    if (part == "**") {
      const bool hidden = entry.filename().string().starts_with('.');
      if (directory && !hidden && !fs::is_symlink(entry, ignored)) match(entry, rest, end, found);
    } else if (fnmatch(part.c_str(), entry.filename().c_str(), FNM_PERIOD) == 0) {
      match(entry, next, end, found);
    }
  }
}

bool is_digit_of_name(char c) { return c >= '0' && c <= '9'; }

// The run of digits, or of other characters, at the beginning.
std::string_view first_run(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && is_digit_of_name(text[end]) == is_digit_of_name(text[0])) ++end;
  return text.substr(0, end);
}

// Below 0: `a` is first. Numbers of any length.
int compare_runs(std::string_view a, std::string_view b) {
  if (is_digit_of_name(a[0]) && is_digit_of_name(b[0])) {
    a.remove_prefix(std::min(a.find_first_not_of('0'), a.size()));
    b.remove_prefix(std::min(b.find_first_not_of('0'), b.size()));
    if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  }
  return a.compare(b);
}

}  // namespace

bool has_wildcard(std::string_view text) {
  return text.find_first_of("*?[") != std::string_view::npos;
}

std::vector<std::string> matches_of(const std::string& pattern) {
  std::vector<std::string> found;
  const fs::path path(pattern), relative = path.relative_path();
  match(path.root_path(), relative.begin(), relative.end(), found);
  std::ranges::sort(found);
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

bool natural_less(std::string_view a, std::string_view b) {
  const std::string_view whole_a = a, whole_b = b;
  while (!a.empty() && !b.empty()) {
    const std::string_view run_a = first_run(a), run_b = first_run(b);
    if (const int order = compare_runs(run_a, run_b)) return order < 0;
    a.remove_prefix(run_a.size());
    b.remove_prefix(run_b.size());
  }
  if (a.empty() != b.empty()) return a.empty();
  return whole_a < whole_b;  // 007.jpg and 7.jpg
}

}  // namespace quadrant
