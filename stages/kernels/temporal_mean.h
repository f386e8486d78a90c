// SPDX-License-Identifier: MIT
// A weighted mean of samples at the same position in several frames. The weight falls linearly with
// the difference from the current frame, and is 0 from `strength` levels of 8 bits on:
//
//   now + floor(sum of weight * difference / sum of weights + 1/2)
#pragma once

#include <cstdint>

namespace quadrant::kernels {

// Rows of `width` samples: the current one and `count` (up to 8) others. Bytes for a depth of 8,
// words otherwise. strength is 1 to 32.
void temporal_mean(const std::uint8_t* now, const std::uint8_t* const* others, int count,
                   int strength, int depth, int width, std::uint8_t* out);
// The same sample by sample.
void temporal_mean_scalar(const std::uint8_t* now, const std::uint8_t* const* others, int count,
                          int strength, int depth, int width, std::uint8_t* out);

}  // namespace quadrant::kernels
