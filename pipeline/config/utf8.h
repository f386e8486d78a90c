// SPDX-License-Identifier: MIT
// The little UTF-8 that messages need: columns count characters, and a message never holds bytes
// that are not text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace quadrant {

// Length in bytes of the character that starts at `at`; 0 if none does.
std::size_t character_length(std::string_view text, std::size_t at);

bool is_control(char byte);  // a tab is not

// The characters, each ready to print: whatever is not text becomes "?".
std::vector<std::string> printable_characters(std::string_view text);

// Makes a name or message safe for a terminal, which would obey its control characters.
std::string printable(std::string_view text);        // on one line
std::string printable_lines(std::string_view text);  // keeps its lines

// A value for a message: on one line, shortened if it is long.
std::string shortened(std::string_view text, std::size_t most = 48);

}  // namespace quadrant
