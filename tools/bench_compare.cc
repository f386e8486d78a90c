// SPDX-License-Identifier: MIT
#include "tools/bench_compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <vector>

namespace quadrant {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace

std::string first_difference(const std::string& reference, const std::string& hashes) {
  const std::vector<std::string> expected = lines_of(reference), got = lines_of(hashes);
  const auto [e, g] = std::ranges::mismatch(expected, got);
  if (e == expected.end() && g == got.end()) return "";
  std::string input;
  long frame = 0;
  for (auto line = expected.begin(); line != e; ++line) {
    if (line->starts_with("#input: ")) input = line->substr(8) + ": ", frame = 0;
    frame += !line->starts_with('#');
  }
  return fmt::format("{}frame {}", input, frame);
}

}  // namespace quadrant
