// SPDX-License-Identifier: MIT
#include "pipeline/media/sequence.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>

#include "pipeline/error.h"

namespace quadrant {
namespace {
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Numbers of files with exactly such names: 0001.png is not picture 1 of %d.png.
std::set<int> numbers_of(const std::filesystem::path& pattern, const Sequence& sequence) {
  std::set<int> numbers;
  std::error_code ignored;
  const auto directory = pattern.has_parent_path() ? pattern.parent_path() : ".";
  for (const auto& entry : std::filesystem::directory_iterator(directory, ignored)) {
    const std::string file = entry.path().filename().string();
    if (!sequence.names(file)) continue;
    int number = 0;
    std::from_chars(file.data() + sequence.before.size(),
                    file.data() + file.size() - sequence.after.size(), number);
    if (sequence.picture(number) == file) numbers.insert(number);
  }
  return numbers;
}
}  // namespace

std::optional<Sequence> sequence_of(std::string_view file_name) {
  const auto percent = file_name.find('%');
  if (percent == std::string_view::npos) return std::nullopt;
  const auto letter = file_name.find_first_not_of("0123456789", percent + 1);
  if (letter == std::string_view::npos || file_name[letter] != 'd') return std::nullopt;
  const std::string_view after = file_name.substr(letter + 1);
  if (after.find('%') != std::string_view::npos) return std::nullopt;
  int width = 0;
  std::from_chars(file_name.data() + percent + 1, file_name.data() + letter, width);
  return Sequence{std::string(file_name.substr(0, percent)), std::string(after), width};
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

std::string Sequence::picture(int number) const {
  return fmt::format("{}{:0{}}{}", before, number, width, after);
}

std::optional<int> first_picture(const std::string& path) {
  const std::filesystem::path pattern(path);
  const std::optional<Sequence> sequence = sequence_of(pattern.filename().string());
  if (!sequence) return std::nullopt;
  const std::set<int> numbers = numbers_of(pattern, *sequence);
  if (numbers.empty()) return std::nullopt;
  const int first = *numbers.begin(), last = *numbers.rbegin();
  for (int number = first; number < last; ++number)
    if (!numbers.contains(number))
      fail(Fault::input, "{}: picture {} is missing, and the sequence continues to {}", path,
           sequence->picture(number), sequence->picture(last));
  return first;
}

std::string with_doubled_percent(std::string_view directory) {
  std::string result;
  for (char c : directory) result += c == '%' ? "%%" : std::string(1, c);
  return result;
}

}  // namespace quadrant
