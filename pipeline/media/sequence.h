// SPDX-License-Identifier: MIT
// The name of an image sequence, with libavformat's rules: one %d or %0Nd in the file name stands
// for the number of the picture. Any other percent sign is literal.
#pragma once

#include <optional>
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
// The number of the first existing picture; empty if there is none. Throws Error(input) if a later
// one is missing in between.
std::optional<int> first_picture(const std::string& path);

// `directory` with doubled percent signs, as libavformat expects in a pattern.
std::string with_doubled_percent(std::string_view directory);

}  // namespace quadrant
