// SPDX-License-Identifier: MIT
// The median of the square around each sample of a row; the row's first and last samples are
// repeated beyond its ends.
#pragma once

#include <cstdint>

namespace quadrant::kernels {

// lines[-radius] to lines[radius] are the rows of the squares, bytes for a depth of 8 and words
// otherwise. The radius is 1 or 2.
void median(const std::uint8_t* const* lines, int radius, int depth, int width, std::uint8_t* out);
// The same by sorting.
void median_scalar(const std::uint8_t* const* lines, int radius, int depth, int width,
                   std::uint8_t* out);

}  // namespace quadrant::kernels
