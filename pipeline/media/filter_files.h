// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace quadrant {

// Files that the options of a libavfilter chain name and that are there: look-up tables, subtitles,
// fonts. What comes out of the chain depends on them too. Read from the text alone, since making
// the filters may write files; those that a filter writes are left out.
std::vector<std::string> files_named_in(const std::string& chain);

}  // namespace quadrant
