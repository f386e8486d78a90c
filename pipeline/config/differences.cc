// SPDX-License-Identifier: MIT
#include "pipeline/config/differences.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <set>
#include <sstream>
#include <vector>

#include "pipeline/config/read_yaml.h"

namespace quadrant {
namespace {

constexpr std::size_t most_told = 3;

using Values = std::map<std::string, std::string>;  // by "stages.0.blur.sigma"

void flatten(const YamlNode& node, const std::string& path, Values& values) {
  const std::string prefix = path.empty() ? "" : path + ".";
  for (const YamlEntry& entry : node.entries) flatten(entry.value, prefix + entry.key, values);
  for (std::size_t i = 0; i < node.items.size(); ++i)
    flatten(node.items[i], prefix + std::to_string(i), values);
  if (node.entries.empty() && node.items.empty()) values[path] = node.text;
}

Values values_of(const std::string& text) {
  Values values;
  flatten(read_yaml(make_source("job", text)), "", values);
  // "# FILE: VERSION", of files that stages read; "#! PROGRAM VERSION", of what they run.
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (const std::size_t space = line.rfind(' '); line.starts_with("#! ") && space > 3)
      values[line.substr(3, space - 3)] = line.substr(space + 1);
    else if (const std::size_t end = line.rfind(": "); line.starts_with("# ") && end > 2)
      values["file " + line.substr(2, end - 2)] = line.substr(end + 2);
  return values;
}

std::string shown(const Values& values, const std::string& key) {
  const auto found = values.find(key);
  if (found == values.end()) return "not set";
  return found->second.empty() ? "set" : found->second;
}

std::string difference(const std::string& key, const Values& before, const Values& after) {
  if (key.starts_with("file ") && before.contains(key) && after.contains(key))
    return key + " changed";
  return fmt::format("{} was {} and is {}", key, shown(before, key), shown(after, key));
}

}  // namespace

std::string job_differences(const std::string& before, const std::string& after) try {
  const Values old = values_of(before), now = values_of(after);
  std::set<std::string> keys;
  for (const Values* values : {&old, &now})
    for (const auto& [key, value] : *values) keys.insert(key);
  std::vector<std::string> told;
  std::size_t more = 0;
  for (const std::string& key : keys) {
    if (old.contains(key) && now.contains(key) && old.at(key) == now.at(key)) continue;
    if (told.size() < most_told)
      told.push_back(difference(key, old, now));
    else
      ++more;
  }
  return fmt::format("{}{}", fmt::join(told, ", "),
                     more > 0 ? fmt::format(", and {} more", more) : "");
} catch (const Error&) {
  return "";
}

}  // namespace quadrant
