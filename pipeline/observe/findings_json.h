// SPDX-License-Identifier: MIT
// Findings as JSON: in messages between processes, and in the file of a unit.
#pragma once

#include <nlohmann/json.hpp>

#include "pipeline/observe/findings.h"

namespace quadrant {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Diagnostics, lines, first)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(TimeSpan, begin, end)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Findings, packets, undecoded, pictures, taken,
                                                damaged, reading, decoding, unplanned, changes,
                                                subtitles, untimed, repeated, late, decoded,
                                                encoded)

}  // namespace quadrant
