// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace quadrant {

// Existing files named in the options of a libavfilter chain: look-up tables, subtitles, fonts. The
// result of the chain depends on them too. Found in the text alone, since creating the filters may
// write files; files that a filter writes are left out.
std::vector<std::string> files_named_in(const std::string& chain);

}  // namespace quadrant
