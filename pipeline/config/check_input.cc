// SPDX-License-Identifier: MIT
#include "pipeline/config/check_input.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace quadrant {
namespace {

using Names = std::vector<std::string_view>;

const YamlEntry* find(const YamlNode& map, std::string_view name) {
  const auto found = std::ranges::find(map.entries, name, &YamlEntry::key);
  return found == map.entries.end() ? nullptr : &*found;
}

// Keys that mean something only beside another one.
struct Belongs {
  std::string_view key;
  Names beside;
};

const std::array<Belongs, 5>& all_that_belong() {
  static const std::array<Belongs, 5> all = {{{"order", {"sequence"}},
                                              {"missing", {"sequence"}},
                                              {"rate", {"sequence", "format"}},
                                              {"size", {"format"}},
                                              {"pixel_format", {"format"}}}};
  return all;
}

void check_name(const YamlNode& map, Problems& problems) {
  Names given;
  for (const std::string_view name : {"path", "sequence", "concat"})
    if (find(map, name)) given.push_back(name);
  if (given.empty())
    problems.add(map.location, "input: path must be given, or sequence, or concat");
  else if (given.size() > 1)
    problems.add(map.location, fmt::format("input: {} are given; one of them names the input",
                                           fmt::join(given, " and ")));
}

void check_company(const YamlNode& map, Problems& problems) {
  for (const Belongs& each : all_that_belong())
    if (const YamlEntry* entry = find(map, each.key))
      if (std::ranges::none_of(each.beside, [&](auto name) { return find(map, name); }))
        problems.add(entry->location, fmt::format("input: {} belongs to {}", each.key,
                                                  fmt::join(each.beside, " or ")));
  if (!find(map, "concat")) return;
  for (const std::string_view name : {"video", "audio", "subtitles", "format"})
    if (const YamlEntry* entry = find(map, name))
      problems.add(
          entry->location,
          fmt::format("input: {} is a matter of each part of concat; write it there, as in "
                      "{{path: a.mp4, {}: ...}}",
                      name, name));
}

void check_raw(const YamlNode& map, const Selection& taken, Problems& problems) {
  const YamlEntry* rate = find(map, "rate");
  if (rate && !to_rate(taken.rate))
    problems.add(rate->value.location,
                 fmt::format("input: rate must be pictures a second, as 25, 29.97 or 30000/1001, "
                             "not {}",
                             taken.rate));
  const YamlEntry* size = find(map, "size");
  if (size && !to_picture_size(taken.size))
    problems.add(
        size->value.location,
        fmt::format("input: size must be width and height, as 640x360, not {}", taken.size));
  const bool is_raw = taken.format == "rawvideo";
  const YamlEntry* format = find(map, "format");
  if (is_raw && !size)
    problems.add(format->location,
                 "input: rawvideo does not tell its size; add size, as in size: 640x360");
  for (const std::string_view name : {"size", "pixel_format", "rate"})
    if (const YamlEntry* entry = find(map, name); entry && format && !is_raw)
      problems.add(entry->location,
                   fmt::format("input: {} is for rawvideo; {} tells its own", name, taken.format));
}

}  // namespace

void check_input(const YamlNode& map, const Selection& taken, Problems& problems) {
  check_name(map, problems);
  check_company(map, problems);
  check_raw(map, taken, problems);
  if (taken.end && *taken.end <= taken.start)
    problems.add(map.location, fmt::format("input: end must be after start, {:g} s, not {:g}",
                                           taken.start, *taken.end));
}

}  // namespace quadrant
