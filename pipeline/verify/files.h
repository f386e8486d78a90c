// SPDX-License-Identifier: MIT
// Compares the files of two directories.
#pragma once

#include <filesystem>
#include <string>

namespace quadrant {

// The first difference between the files, subdirectories included: "1/film.mkv from byte 4711 on";
// empty if there is none. Journals are ignored.
std::string first_difference(const std::filesystem::path& reference,
                             const std::filesystem::path& files);

}  // namespace quadrant
