// SPDX-License-Identifier: MIT
// Which inputs there are, and what their outputs are called.
#pragma once

#include <string>
#include <vector>

namespace quadrant {

// Files, globs (`*`, `?`, `[…]`, and `**` for any depth), URLs, "-", "lavfi:…" and image sequences
// (frames/%05d.png), in the order given; a glob's matches are sorted. A name that exists is taken
// as it is, whatever characters it holds. A glob that matches nothing stays as written, and fails
// when it is opened like any other missing file.
std::vector<std::string> expand_inputs(const std::vector<std::string>& patterns);

// Fills {dir} {stem} {ext} {name} {index} of `pattern` for an input. {dir} is "." where the input
// has none; {index} counts from 1. {{ is a brace. Throws Error(usage) for
// an unknown or open brace, and where it comes to a URL.
std::string output_name(const std::string& pattern, const std::string& input, int index);

// The pattern without its directory, so that another one can be put before it.
std::string pattern_of_file(const std::string& pattern);

}  // namespace quadrant
