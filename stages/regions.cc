// SPDX-License-Identifier: MIT
#include "stages/regions.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "pipeline/error.h"

namespace quadrant {
namespace {

std::vector<std::string> parts_of(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}

bool is_blank(const std::string& text) {
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

// "X Y WIDTH HEIGHT", nothing else.
std::optional<Box> box_of(const std::string& text) {
  std::istringstream in(text);
  in.imbue(std::locale::classic());
  Box box;
  std::string rest;
  if (!(in >> box.x >> box.y >> box.width >> box.height) || in >> rest) return std::nullopt;
  return box.width > 0 && box.height > 0 ? std::optional(box) : std::nullopt;
}

std::optional<Keyframe> key_of(const std::string& text) {
  const std::size_t colon = text.find(':');
  Keyframe key;
  if (colon != std::string::npos) {
    std::istringstream time(text.substr(0, colon));
    time.imbue(std::locale::classic());
    std::string rest;
    if (!(time >> key.seconds) || time >> rest) return std::nullopt;
  }
  const std::optional<Box> box = box_of(colon == std::string::npos ? text : text.substr(colon + 1));
  if (!box) return std::nullopt;
  key.box = *box;
  return key;
}

double number_of(const nlohmann::json& line, const char* name, const std::string& where) {
  const auto found = line.find(name);
  if (found == line.end() || !found->is_number())
    fail(Fault::input,
         "{}: \"{}\" must be given as a number: a line is {{\"id\": 1, \"time\": 2.5, \"x\": 10, "
         "\"y\": 20, \"width\": 64, \"height\": 64}}",
         where, name);
  return found->get<double>();
}

void add_line(const std::string& text, const std::string& where, bool ellipse,
              std::map<std::string, Region>& regions) {
  const nlohmann::json line = nlohmann::json::parse(text, nullptr, false);
  if (!line.is_object()) fail(Fault::input, "{}: this is no JSON object", where);
  const Keyframe key{number_of(line, "time", where),
                     {number_of(line, "x", where), number_of(line, "y", where),
                      number_of(line, "width", where), number_of(line, "height", where)}};
  if (key.box.width <= 0 || key.box.height <= 0)
    fail(Fault::input, "{}: width and height must be above 0", where);
  Region& region = regions[line.value("id", nlohmann::json()).dump()];
  const auto shape = line.find("shape");
  if (region.keys.empty()) region.ellipse = ellipse;
  if (shape != line.end()) {
    if (*shape != "rectangle" && *shape != "ellipse")
      fail(Fault::input, "{}: \"shape\" must be \"rectangle\" or \"ellipse\"", where);
    region.ellipse = *shape == "ellipse";
  }
  region.from_track = true;
  region.keys.push_back(key);
}

Box between(const Box& a, const Box& b, double part) {
  const auto mixed = [&](double from, double to) { return from + (to - from) * part; };
  return {mixed(a.x, b.x), mixed(a.y, b.y), mixed(a.width, b.width), mixed(a.height, b.height)};
}

Box box_of_keys(const std::vector<Keyframe>& keys, double seconds) {
  const auto next = std::ranges::upper_bound(keys, seconds, {}, &Keyframe::seconds);
  if (next == keys.begin()) return keys.front().box;
  if (next == keys.end()) return keys.back().box;
  const Keyframe &a = *(next - 1), &b = *next;
  return between(a.box, b.box, (seconds - a.seconds) / (b.seconds - a.seconds));
}

}  // namespace

std::vector<Region> regions_of(const std::string& text, bool ellipse) {
  std::vector<Region> regions;
  for (const std::string& part : parts_of(text, ';')) {
    if (is_blank(part)) continue;
    Region region{{}, ellipse, false};
    for (const std::string& key : parts_of(part, ',')) {
      const std::optional<Keyframe> read = key_of(key);
      if (!read)
        fail(Fault::usage,
             "a region must be \"X Y WIDTH HEIGHT\", or with times \"0: X Y WIDTH HEIGHT, 2.5: X Y "
             "WIDTH HEIGHT\", not \"{}\"",
             key);
      if (!region.keys.empty() && read->seconds <= region.keys.back().seconds)
        fail(Fault::usage, "the times of a region must grow, but {} follows {}", read->seconds,
             region.keys.back().seconds);
      region.keys.push_back(*read);
    }
    regions.push_back(std::move(region));
  }
  return regions;
}

std::vector<Region> track_of(const std::string& path, bool ellipse) {
  std::ifstream in(path);
  if (!in) fail(Fault::input, "{}: this track cannot be read; is the name right?", path);
  std::map<std::string, Region> by_id;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (!is_blank(line)) add_line(line, path + ":" + std::to_string(number), ellipse, by_id);
  }
  std::vector<Region> regions;
  for (auto& [id, region] : by_id) {
    std::ranges::stable_sort(region.keys, {}, &Keyframe::seconds);
    regions.push_back(std::move(region));
  }
  return regions;
}

Box box_at(const Region& region, double seconds, double margin, double hold) {
  if (region.from_track &&
      (seconds < region.keys.front().seconds - hold || seconds > region.keys.back().seconds + hold))
    return {};
  const Box box = box_of_keys(region.keys, seconds);
  // Rounded, so that 26 does not become 26.000000001, which touches one more sample.
  const auto rounded = [](double v) { return std::round(v * 1024) / 1024; };
  return {rounded(box.x - margin), rounded(box.y - margin), rounded(box.width + 2 * margin),
          rounded(box.height + 2 * margin)};
}

}  // namespace quadrant
