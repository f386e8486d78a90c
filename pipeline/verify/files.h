// SPDX-License-Identifier: MIT
// Do two directories hold the same files?
#pragma once

#include <filesystem>
#include <string>

namespace quadrant {

// Where they differ first, all below them included: "1/film.mkv from byte 4711 on"; empty: nowhere.
// Journals are left out.
std::string first_difference(const std::filesystem::path& reference,
                             const std::filesystem::path& files);

}  // namespace quadrant
