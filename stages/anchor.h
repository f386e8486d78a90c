// SPDX-License-Identifier: MIT
// Where something lies in a picture: at one of nine places.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace quadrant {

struct Anchor {
  int x = 1, y = 1;  // 0: left or top, 1: in the middle, 2: right or bottom
};

inline std::vector<std::string> anchor_names() {
  return {"top_left", "top",         "top_right", "left",        "centre",
          "right",    "bottom_left", "bottom",    "bottom_right"};
}

// `name` is one of the names.
inline Anchor anchor_named(std::string_view name) {
  const std::vector<std::string> names = anchor_names();
  for (int i = 0; i < static_cast<int>(names.size()); ++i)
    if (names[static_cast<std::size_t>(i)] == name) return {i % 3, i / 3};
  return {};
}

// Where it begins if `room` samples are left over.
inline int anchored(int side, int room) { return side == 0 ? 0 : side == 2 ? room : room / 2; }

}  // namespace quadrant
