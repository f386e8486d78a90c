// SPDX-License-Identifier: MIT
// Compares the frames of two benchmark runs. For files see pipeline/verify/files.h.
#pragma once

#include <string>

namespace quadrant {

// The first difference between two lists of frame hashes: "frame 12"; empty if there is none.
std::string first_difference(const std::string& reference, const std::string& hashes);

}  // namespace quadrant
