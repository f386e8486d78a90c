// SPDX-License-Identifier: MIT
// Did two runs of a benchmark make the same?
#pragma once

#include <filesystem>
#include <string>

namespace quadrant {

// The first place where two texts of frame hashes differ: "frame 12"; empty: nowhere.
std::string first_difference(const std::string& reference, const std::string& hashes);
// Files below two directories, byte by byte: "1/clip.mp4 from byte 812 on"; empty: the same.
std::string first_difference(const std::filesystem::path& reference,
                             const std::filesystem::path& files);

}  // namespace quadrant
