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

std::optional<Sequence> sequence_of(std::string_view name) {
  Sequence found;
  bool has_number = false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    std::string& text = has_number ? found.after : found.before;
    const std::size_t letter =
        name[i] == '%' ? name.find_first_not_of("0123456789", i + 1) : std::string_view::npos;
    if (letter == std::string_view::npos || (name[letter] != 'd' && letter != i + 1)) {
      text += name[i];
    } else if (name[letter] == 'd') {
      if (has_number) return std::nullopt;
      has_number = true;
      std::from_chars(name.data() + i + 1, name.data() + letter, found.width);
      i = letter;
    } else {
      text += '%';
      i += name[letter] == '%';
    }
  }
  return has_number ? std::optional(found) : std::nullopt;
}

bool makes_sequence(const std::string& pattern) {
  std::string text;
  bool in_field = false;
  for (const char c : pattern) {
    in_field = c == '{' || (in_field && c != '}');
    if (!in_field && c != '}') text += c;
  }
  return is_sequence(text);
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

std::set<int> picture_numbers(const std::string& path) {
  const std::filesystem::path pattern(path);
  const std::optional<Sequence> sequence = sequence_of(pattern.filename().string());
  return sequence ? numbers_of(pattern, *sequence) : std::set<int>();
}

std::string with_doubled_percent(std::string_view text) {
  std::string result;
  for (const char c : text) result += c == '%' ? "%%" : std::string(1, c);
  return result;
}

std::string libav_pattern(const std::string& path) {
  const std::filesystem::path whole(path);
  const std::optional<Sequence> sequence = sequence_of(whole.filename().string());
  if (!sequence) return path;
  const std::string number = sequence->width > 0 ? fmt::format("%0{}d", sequence->width) : "%d";
  return with_doubled_percent((whole.parent_path() / "").string()) +
         with_doubled_percent(sequence->before) + number + with_doubled_percent(sequence->after);
}

}  // namespace quadrant
