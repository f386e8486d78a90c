// SPDX-License-Identifier: MIT
// The name of an image sequence as libavformat reads it: one %d or %0Nd in the file's name stands
// for the number of the picture. Any other percent sign is a percent sign.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace quadrant {

struct Sequence {
  std::string before, after;  // of the number
  int width = 0;              // least digits
  bool names(std::string_view file) const;
  std::string picture(int number) const;  // its file's name
};

// Empty if `file_name`, without its directory, is no such pattern.
std::optional<Sequence> sequence_of(std::string_view file_name);
bool is_sequence(const std::string& path);
// The number of the first picture that there is; empty if there is none. Throws Error(input) where
// one is missing in the middle.
std::optional<int> first_picture(const std::string& path);

// `directory` with its percent signs doubled, as libavformat wants them beside a number.
std::string with_doubled_percent(std::string_view directory);

}  // namespace quadrant
