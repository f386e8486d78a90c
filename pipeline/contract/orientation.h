// SPDX-License-Identifier: MIT
// How a stored picture is to be shown: the eight symmetries of a rectangle, as in EXIF's tag
// Orientation (JEITA CP-3451) and in the right angles of a display matrix (ISO/IEC
// 14496-12, 8.3.2).
#pragma once

#include <fmt/format.h>

#include <string>

namespace quadrant {

struct Orientation {  // mirrored left to right first, then turned clockwise
  int degrees = 0;    // 0, 90, 180 or 270
  bool mirrored = false;

  bool upright() const { return degrees == 0 && !mirrored; }
  Orientation then(Orientation next) const {
    const int ours = next.mirrored ? 360 - degrees : degrees;
    return {(ours + next.degrees) % 360, mirrored != next.mirrored};
  }
  Orientation inverse() const {
    return mirrored ? *this : Orientation{(360 - degrees) % 360, false};
  }
  std::string describe() const {
    if (upright()) return "upright";
    const std::string turned = degrees == 0 ? "" : fmt::format("rotated by {} degrees", degrees);
    return mirrored ? "mirrored" + (turned.empty() ? "" : " and " + turned) : turned;
  }
  friend bool operator==(const Orientation&, const Orientation&) = default;
};

}  // namespace quadrant
