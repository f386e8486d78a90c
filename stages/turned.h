// SPDX-License-Identifier: MIT
// The position of chroma samples after a picture was rotated. Chroma at the left of its two luma
// samples is at their top after a quarter turn; upsampling must know that, or colours shift by half
// a sample. There is no tag for "right", so such chroma is tagged as centred, the nearest.
// Unspecified positions stay unspecified.
#pragma once

#include <array>
#include <utility>

#include "pipeline/contract/format.h"

namespace quadrant {

struct Turn {  // transposed first, then mirrored
  bool transposed = false, mirrored_x = false, mirrored_y = false;
};

// `out` is the rotated format, with its own size and subsampling.
inline int turned_chroma_location(int location, Turn turn, const Format& out) {
  struct Place {
    int tag, x, y;  // 0: at the first luma sample, 1: between the two, 2: at the second
  };
  static constexpr std::array<Place, 6> places{
      {{1, 0, 1}, {2, 1, 1}, {3, 0, 0}, {4, 1, 0}, {5, 0, 2}, {6, 1, 2}}};
  if (location < 1 || location > 6 || !out.pixels.has_chroma()) return location;
  auto [tag, x, y] = places[static_cast<std::size_t>(location - 1)];
  if (turn.transposed) std::swap(x, y);
  // With an odd size the last chroma sample has only one luma sample: "first" stays "first".
  if (turn.mirrored_x && out.width % 2 == 0) x = 2 - x;
  if (turn.mirrored_y && out.height % 2 == 0) y = 2 - y;
  x = x == 2 ? 1 : x;
  for (const Place& place : places)
    if (place.x == x && place.y == y) return place.tag;
  return location;
}

}  // namespace quadrant
