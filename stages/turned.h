// SPDX-License-Identifier: MIT
// Where the chroma samples are after a picture was turned. Chroma that sat at the left of its two
// luma samples sits at the top of them after a quarter turn; whoever upsamples it must know, or
// colours move by half a sample. The tags know no "right", so such chroma is called centred, which
// is nearest. Chroma of unspecified place stays unspecified.
#pragma once

#include <array>
#include <utility>

#include "pipeline/contract/format.h"

namespace quadrant {

struct Turn {  // first transposed, then mirrored
  bool transposed = false, mirrored_x = false, mirrored_y = false;
};

// `out` is the turned format, with its own size and subsampling.
inline int turned_chroma_location(int location, Turn turn, const Format& out) {
  struct Place {
    int tag, x, y;  // 0 the first luma sample, 1 between the two, 2 the second
  };
  static constexpr std::array<Place, 6> places{
      {{1, 0, 1}, {2, 1, 1}, {3, 0, 0}, {4, 1, 0}, {5, 0, 2}, {6, 1, 2}}};
  if (location < 1 || location > 6 || !out.pixels.has_chroma()) return location;
  auto [tag, x, y] = places[static_cast<std::size_t>(location - 1)];
  if (turn.transposed) std::swap(x, y);
  // With an odd size the first sample of the last pair is the last of all: it stays the first.
  if (turn.mirrored_x && out.width % 2 == 0) x = 2 - x;
  if (turn.mirrored_y && out.height % 2 == 0) y = 2 - y;
  x = x == 2 ? 1 : x;
  for (const Place& place : places)
    if (place.x == x && place.y == y) return place.tag;
  return location;
}

}  // namespace quadrant
