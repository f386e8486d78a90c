// SPDX-License-Identifier: MIT
#include "pipeline/media/sequence.h"

#include <algorithm>
#include <filesystem>

namespace quadrant {
namespace {
bool is_digit(char c) { return c >= '0' && c <= '9'; }
}  // namespace

std::optional<Sequence> sequence_of(std::string_view file_name) {
  const auto percent = file_name.find('%');
  if (percent == std::string_view::npos) return std::nullopt;
  const auto letter = file_name.find_first_not_of("0123456789", percent + 1);
  if (letter == std::string_view::npos || file_name[letter] != 'd') return std::nullopt;
  const std::string_view after = file_name.substr(letter + 1);
  if (after.find('%') != std::string_view::npos) return std::nullopt;
  return Sequence{std::string(file_name.substr(0, percent)), std::string(after)};
}

bool is_sequence(const std::string& path) {
  return sequence_of(std::filesystem::path(path).filename().string()).has_value();
}

bool Sequence::names(std::string_view file) const {
  if (file.size() <= before.size() + after.size() || !file.starts_with(before) ||
      !file.ends_with(after))
    return false;
  return std::ranges::all_of(file.substr(before.size(), file.size() - before.size() - after.size()),
                             is_digit);
}

std::string with_doubled_percent(std::string_view directory) {
  std::string result;
  for (char c : directory) result += c == '%' ? "%%" : std::string(1, c);
  return result;
}

}  // namespace quadrant
