// SPDX-License-Identifier: MIT
// The time at which a photograph was taken, read without decoding it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace quadrant {

// EXIF's DateTimeOriginal, "2024:05:31 18:02:11", with ".123" where the file tells fractions;
// nothing if `bytes`, a file's beginning, do not have it. Any bytes are safe.
std::optional<std::string> time_taken(std::string_view bytes);

}  // namespace quadrant
