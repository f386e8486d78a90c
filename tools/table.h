// SPDX-License-Identifier: MIT
// A table on a terminal: columns as wide as what stands in them, numbers to the right.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace quadrant {

using TableRow = std::vector<std::string>;  // all rows of a table have as many cells

struct Table {
  std::vector<TableRow> rows;
  std::vector<std::size_t> texts;         // columns that are no numbers
  std::vector<std::string_view> colours;  // by row; none: not coloured

  std::string text() const;
};

constexpr std::string_view bold = "\033[1m";  // ANSI
// Does the user see colours on standard output, and want them (no-color.org)?
bool wants_colours();
// One a quadrant; default for the first.
std::string_view colour_of_quadrant(std::string_view quadrant);

}  // namespace quadrant
