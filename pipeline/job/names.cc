// SPDX-License-Identifier: MIT
#include "pipeline/job/names.h"

#include <fnmatch.h>

#include <algorithm>

#include "pipeline/error.h"
#include "pipeline/media/sequence.h"
#include "pipeline/media/standard_output.h"
#include "pipeline/store/identity.h"
#include "pipeline/store/journal.h"
#include "pipeline/store/paths.h"

namespace quadrant {
namespace {

bool has_wildcard(const std::string& text) {
  return text.find_first_of("*?[") != std::string::npos;
}

bool taken_as_is(const std::string& pattern) {
  std::error_code ignored;
  return pattern == "-" || pattern.starts_with("lavfi:") ||
         pattern.find("://") != std::string::npos || !has_wildcard(pattern) ||
         fs::exists(pattern, ignored);
}

// `unreadable` takes the directory itself where the system refuses to list it.
std::vector<fs::path> sorted_entries(const fs::path& directory,
                                     std::vector<std::string>& unreadable) {
  std::vector<fs::path> found;
  const fs::path listed = directory.empty() ? "." : directory;
  std::error_code error;
  for (const fs::path& entry : entries_of(listed, error))
    found.push_back(directory / entry.filename());
  if (error && quadrant::is_directory(listed)) unreadable.push_back(listed.string());
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

std::vector<std::string> matches_of(const std::string& pattern) {
  std::vector<std::string> found;
  const fs::path path(pattern), relative = path.relative_path();
  match(path.root_path(), relative.begin(), relative.end(), found);
  std::ranges::sort(found);
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

// The path that a pattern's fields are taken from. An input that is not a file gets a stem too.
fs::path file_path(const std::string& input) {
  if (input == "-") return "stdin";
  if (input.starts_with("lavfi:")) return "lavfi";
  fs::path path(input.substr(
      0, input.find_first_of("?#", input.find("://") == std::string::npos ? input.size() : 0)));
  // frames/%05d.png is named after its directory, take%03d.png is "take".
  std::error_code ignored;
  const std::optional<Sequence> sequence = sequence_of(path.filename().string());
  if (!sequence || fs::exists(path, ignored)) return path;
  std::string stem = sequence->before;
  while (!stem.empty() && (stem.back() == '-' || stem.back() == '_' || stem.back() == '.'))
    stem.pop_back();
  if (stem.empty())
    stem = path.has_parent_path() ? path.parent_path().filename().string() : "sequence";
  return path.parent_path() / (stem + sequence->after);
}

std::string field(const std::string& name, const fs::path& path, int index) {
  if (name == "dir") return path.has_parent_path() ? path.parent_path().string() : ".";
  if (name == "stem") return path.stem().string();
  if (name == "ext") return path.has_extension() ? path.extension().string().substr(1) : "";
  if (name == "name") return path.filename().string();
  if (name == "index") return std::to_string(index);
  fail(Fault::usage,
       "path: there is no {{{}}}; there are {{dir}} {{stem}} {{ext}} {{name}} {{index}}", name);
}

}  // namespace

ExpandedInputs expand_inputs(const std::vector<InputSpec>& patterns, const std::string& job) {
  ExpandedInputs all;
  Journals journals;
  const std::string job_name = absolute_name(job);
  const auto is_own = [&](const std::string& file) {
    const Journals::Entry entry = journals.last(file);
    return entry.job == job_name && entry.file == identity(file);
  };
  for (const InputSpec& pattern : patterns) {
    const std::vector<std::string> found =
        taken_as_is(pattern.name) ? std::vector<std::string>{} : matches_of(pattern.name);
    if (found.empty()) all.inputs.push_back(pattern);
    for (const std::string& file : found)
      if (is_own(file))
        all.own_outputs.push_back(file);
      else
        all.inputs.emplace_back(file, pattern.taken);
  }
  return all;
}

std::string output_name(const std::string& pattern, const std::string& input, int index) {
  if (is_standard_output(pattern) || pattern == "pipe:" || pattern == "pipe:1")
    return standard_output;
  const fs::path path = file_path(input);
  std::string result;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const bool doubled = i + 1 < pattern.size() && pattern[i + 1] == pattern[i];
    if ((pattern[i] == '{' || pattern[i] == '}') && doubled) {
      result += pattern[i++];
    } else if (pattern[i] == '{') {
      const std::size_t close = pattern.find('}', i);
      if (close == std::string::npos) fail(Fault::usage, "path: {} has an open brace", pattern);
      const std::string text = field(pattern.substr(i + 1, close - i - 1), path, index);
      const bool in_file = pattern.find('/', close) == std::string::npos;
      result += in_file && makes_sequence(pattern) ? with_doubled_percent(text) : text;
      i = close;
    } else {
      result += pattern[i];
    }
  }
  if (result.find("://") != std::string::npos)
    fail(Fault::usage, "path: {} is a URL; outputs are files", result);
  if (result.starts_with("pipe:") || result.starts_with("fd:"))
    fail(Fault::usage, "path: {} is no file; write - for standard output", result);
  const std::string normal = fs::path(result).lexically_normal().string();
  return is_standard_output(normal) ? "./" + normal : normal;  // a file that is really called so
}

std::string pattern_of_file(const std::string& pattern) {
  std::string name = fs::path(pattern).filename();
  for (auto at = name.find("{dir}"); at != std::string::npos; at = name.find("{dir}"))
    name.replace(at, 5, "dir");
  return name;
}

}  // namespace quadrant
