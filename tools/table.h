// SPDX-License-Identifier: MIT
// A table for a terminal: columns as wide as their contents, numbers right-aligned.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace quadrant {

using TableRow = std::vector<std::string>;  // all rows of a table have equally many cells

struct Table {
  std::vector<TableRow> rows;
  std::vector<std::size_t> texts;         // columns with text instead of numbers
  std::vector<std::string_view> colours;  // by row; empty: not coloured

  std::string text() const;
};

constexpr std::string_view bold = "\033[1m";  // ANSI
// Can the user see colours on standard output, and want them (no-color.org)?
bool wants_colours();
// One colour per quadrant; the first uses the default.
std::string_view colour_of_quadrant(std::string_view quadrant);

}  // namespace quadrant
