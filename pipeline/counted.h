// SPDX-License-Identifier: MIT
// Counts with their nouns, for messages.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace quadrant {

// "1 frame", "2 frames".
inline std::string counted(std::int64_t number, std::string_view noun) {
  return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

}  // namespace quadrant
