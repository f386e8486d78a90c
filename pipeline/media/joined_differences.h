// SPDX-License-Identifier: MIT
// In what the parts of a joined input differ, and what becomes of it.
#pragma once

#include <string>

#include "pipeline/media/joined_parts.h"

namespace quadrant {

// Adds it to the notes and losses of `whole`.
void tell_differences(const JoinedParts& parts, InputInfo& whole);

// Why stream `i`, of sound or subtitles, cannot be copied from all parts; "" if it can, or is of
// another kind.
std::string why_unlike(const JoinedParts& parts, std::size_t i);

}  // namespace quadrant
