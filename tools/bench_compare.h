// SPDX-License-Identifier: MIT
// Did two runs of a benchmark make the same frames? For files see pipeline/verify/files.h.
#pragma once

#include <string>

namespace quadrant {

// The first place where two texts of frame hashes differ: "frame 12"; empty: nowhere.
std::string first_difference(const std::string& reference, const std::string& hashes);

}  // namespace quadrant
