// SPDX-License-Identifier: MIT
// What becomes of a picture whose size or sample aspect ratio is not that of the input's beginning.
#pragma once

#include <array>
#include <string_view>

namespace quadrant {

enum class OnChange {
  fit,      // the whole picture, its shape kept, with black bars
  fill,     // its shape kept and no bars: what stands over is cut off
  stretch,  // the whole picture over the whole area
  fail      // the input fails
};
inline constexpr std::array all_on_change{OnChange::fit, OnChange::fill, OnChange::stretch,
                                          OnChange::fail};
std::string_view name_of(OnChange on_change);

}  // namespace quadrant
