// SPDX-License-Identifier: MIT
// What a job does with pictures that are not stored as they are to be shown.
#pragma once

#include <array>
#include <string_view>

namespace quadrant {

// With a picture whose size or sample aspect ratio is not that of the input's beginning.
enum class OnChange {
  fit,      // the whole picture, its shape kept, with black bars
  fill,     // its shape kept and no bars: what stands over is cut off
  stretch,  // the whole picture over the whole area
  fail      // the input fails
};
inline constexpr std::array all_on_change{OnChange::fit, OnChange::fill, OnChange::stretch,
                                          OnChange::fail};
std::string_view name_of(OnChange on_change);

// How a picture that is stored turned or mirrored is processed and written.
enum class OrientationRule {
  automatic,  // kept where the output can tell it, applied where it cannot
  keep,       // as it is stored; the output tells the orientation
  apply       // turned before the first stage
};
inline constexpr std::array all_orientation_rules{OrientationRule::automatic, OrientationRule::keep,
                                                  OrientationRule::apply};
std::string_view name_of(OrientationRule rule);

}  // namespace quadrant
