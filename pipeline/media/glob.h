// SPDX-License-Identifier: MIT
// Globs: `*`, `?`, `[...]`, and `**` for directories of any depth. Neither the locale nor the order
// in which a directory lists its files matters.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace quadrant {

bool has_wildcard(std::string_view text);

// The regular files that match, sorted by their bytes; a directory that the system refuses to list
// is one of them.
std::vector<std::string> matches_of(const std::string& pattern);

// Is `a` before `b`? As people sort: a number by its value, img2.jpg before img10.jpg; all else by
// its bytes.
bool natural_less(std::string_view a, std::string_view b);

}  // namespace quadrant
