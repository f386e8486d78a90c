// SPDX-License-Identifier: MIT
// The little of UTF-8 that messages need: columns are counted in characters, and a message never
// holds bytes that are not text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace quadrant {

// Bytes of the character that begins at `at`; 0 if none begins there.
std::size_t character_length(std::string_view text, std::size_t at);

bool is_control(char byte);  // a tab is none

// Character by character, each ready to print: whatever is not text becomes "?".
std::vector<std::string> printable_characters(std::string_view text);

// A name or a message for a terminal, which would obey control characters in it.
std::string printable(std::string_view text);        // on one line
std::string printable_lines(std::string_view text);  // its lines stay lines

// A value for a message: on one line, cut where it is long.
std::string shortened(std::string_view text, std::size_t most = 48);

}  // namespace quadrant
