// SPDX-License-Identifier: MIT
// The terminal at standard error: how large it is, what fits into a line of it, and whether it
// shows colours.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace quadrant {

struct TerminalSize {
  std::size_t rows = 24, columns = 80;
};
TerminalSize terminal_size();  // now; 24 x 80 if it does not tell

// Is standard error a terminal on which lines can be drawn over? TERM=dumb names one that cannot.
bool draws_over_lines();
// In red, where standard error is a terminal with colours and NO_COLOR (no-color.org) is unset or
// empty.
std::string in_red(std::string_view text);
// A message whose first word says that something failed: that word in red.
std::string failed_in_red(std::string message);

// The columns of a terminal that printable text takes: a Chinese character takes two, a combining
// accent none.
std::size_t columns_of(std::string_view text);
// The text if it takes at most `most` columns, else its beginning and end around "...". Cuts
// between characters, and leaves an accent with its letter.
std::string cut_in_middle(std::string_view text, std::size_t most);
std::string cut_at_end(std::string_view text, std::size_t most);

}  // namespace quadrant
