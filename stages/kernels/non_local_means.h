// SPDX-License-Identifier: MIT
// Non-local means in whole numbers. A sample becomes the mean of the samples in the search window
// around it, each weighted by how similar the patches around the two are:
//
//   weight = exp(-distance / strength^2), distance = the mean of the squared differences
//
// with samples counted in levels of 8 bits at any depth. Patches reach beyond the picture's edge,
// where its outermost samples are repeated; the mean does not. That is what libavfilter's nlmeans
// computes too: its s, p and r are strength = 10 s / p, patch = p and search = r.
//
// The arithmetic: samples are brought to 16 bits, differences to 16 bits so that the squares that
// matter fill 16 bits, and sums of squares saturate; a saturated sum has no weight. exp(-x) is the
// 32nd power of exp(-x / 32), of which three terms are enough. Weights sum to 16 bits at most, so
// the weighted samples sum to 32 bits, and the mean is rounded exactly. The result is within 0.05
// levels of the definition in real numbers before it is rounded.
#pragma once

#include "stages/kernels/buffer.h"

namespace quadrant::kernels {

// A plane of a picture, of which at least the rows that are read are in memory.
struct Source {
  const std::uint8_t* row_0;  // where row 0 is, or would be
  std::ptrdiff_t stride;      // bytes
  int width, height;          // of the whole plane, in samples
};

struct NonLocalMeans {
  // strength > 0; patch and search are odd, search is 3 to 255; depth is 8 (bytes) to 16 bits.
  NonLocalMeans(double strength, int patch, int search, int depth);

  int halo() const { return patch / 2 + search / 2; }  // rows read on both sides

  int patch, search, depth;
  int left = 0, right = 0;       // differences are shifted by
  std::uint16_t limit = 65535;   // of a difference, so that the shift cannot overflow
  std::uint16_t multiplier = 0;  // 2^-16 of the sum of squares is x / 32
  std::uint16_t unit;            // the largest weight
};

struct NonLocalMeansMemory {
  Buffer<std::int16_t> samples;
  Buffer<std::uint16_t> squares, sums, weights, result;
};

// Rows [begin, end) of the plane, filtered; `out` is row `begin`. Rows and samples as in Source.
void non_local_means(const NonLocalMeans& how, const Source& in, int begin, int end,
                     std::uint8_t* out, std::ptrdiff_t stride, NonLocalMeansMemory& memory);
// The same, sample by sample, slowly.
void non_local_means_scalar(const NonLocalMeans& how, const Source& in, int begin, int end,
                            std::uint8_t* out, std::ptrdiff_t stride);

}  // namespace quadrant::kernels
