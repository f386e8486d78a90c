// SPDX-License-Identifier: MIT
// The name of an image sequence as libavformat reads it: one %d or %0Nd in the file's name stands
// for the number of the picture, and %% for a percent sign. Any other percent sign is one, too.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace quadrant {

struct Sequence {
  std::string before, after;  // the number
  int width = 0;              // minimum number of digits
  bool names(std::string_view file) const;
  std::string picture(int number) const;  // its file name
};

// Empty if `file_name`, without directory, is not such a pattern.
std::optional<Sequence> sequence_of(std::string_view file_name);
bool is_sequence(const std::string& path);
// Does an output's `pattern` name a sequence, whatever its {fields} stand for? What an input is
// called makes none of it: the percent signs of fields are plain ones.
bool makes_sequence(const std::string& pattern);
// The numbers of the existing pictures of a sequence, sorted.
std::set<int> picture_numbers(const std::string& path);

// With percent signs doubled, as libavformat wants those that stand for themselves.
std::string with_doubled_percent(std::string_view text);
// The path of a sequence in which all but the number stands for itself.
std::string libav_pattern(const std::string& path);

}  // namespace quadrant
