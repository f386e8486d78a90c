// SPDX-License-Identifier: MIT
#include "pipeline/job/names.h"

#include <algorithm>

#include "pipeline/error.h"
#include "pipeline/media/glob.h"
#include "pipeline/media/sequence.h"
#include "pipeline/media/standard_output.h"
#include "pipeline/store/identity.h"
#include "pipeline/store/journal.h"
#include "pipeline/store/paths.h"

namespace quadrant {
namespace {

bool taken_as_is(const std::string& pattern) {
  std::error_code ignored;
  return pattern == "-" || pattern.starts_with("lavfi:") ||
         pattern.find("://") != std::string::npos || !has_wildcard(pattern) ||
         fs::exists(pattern, ignored);
}

// The nearest folder above `path` whose name has no wildcard.
std::string name_of_folder(fs::path path) {
  while (path.has_parent_path() && path.parent_path() != path) {
    path = path.parent_path();
    if (!path.filename().empty() && !has_wildcard(path.filename().string()))
      return path.filename().string();
  }
  return "sequence";
}

// The path that a pattern's fields are taken from. An input that is not a file gets a stem too.
fs::path file_path(const std::string& input) {
  if (input == "-") return "stdin";
  if (input.starts_with("lavfi:")) return "lavfi";
  fs::path path(input.substr(
      0, input.find_first_of("?#", input.find("://") == std::string::npos ? input.size() : 0)));
  // frames/%05d.png and frames/*.png are named after their directory, take%03d.png is "take".
  std::error_code ignored;
  const std::string file = path.filename().string();
  const std::optional<Sequence> sequence = sequence_of(file);
  if ((!sequence && !has_wildcard(file)) || fs::exists(path, ignored)) return path;
  std::string stem = sequence ? sequence->before : file.substr(0, file.find_first_of("*?["));
  while (!stem.empty() && (stem.back() == '-' || stem.back() == '_' || stem.back() == '.'))
    stem.pop_back();
  if (stem.empty()) stem = name_of_folder(path);
  return path.parent_path() / (stem + (sequence ? sequence->after : path.extension().string()));
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

// With the globs among its parts expanded, each in the natural order of its numbers.
InputSpec joined_of(const InputSpec& pattern, const std::string& job,
                    std::vector<std::string>& own_outputs) {
  InputSpec joined = pattern;
  joined.taken.joined.clear();
  for (const InputSpec& part : pattern.taken.joined) {
    ExpandedInputs found = expand_inputs({part}, job);
    std::ranges::stable_sort(found.inputs, natural_less, &InputSpec::name);
    std::ranges::move(found.inputs, std::back_inserter(joined.taken.joined));
    std::ranges::move(found.own_outputs, std::back_inserter(own_outputs));
  }
  if (joined.taken.joined.empty()) joined.taken.joined = pattern.taken.joined;
  joined.name = joined.taken.joined.front().name;
  return joined;
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
    if (pattern.taken.is_sequence) {
      all.inputs.push_back(pattern);
      continue;
    }
    if (!pattern.taken.joined.empty()) {
      all.inputs.push_back(joined_of(pattern, job, all.own_outputs));
      continue;
    }
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
