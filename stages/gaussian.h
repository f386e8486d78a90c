// SPDX-License-Identifier: MIT
// A Gaussian over the rows of a plane in integers: the result is the same on every machine and for
// any division into strips, which OpenCV does not promise. Its 8-bit sepFilter2D rounds halves one
// way in SIMD and another way at the end of a row, so the SIMD width shows; its 16-bit path is
// float, where fused multiply-add shows; and its GaussianBlur takes another path for a region than
// for a whole picture. The arithmetic is in kernels/gaussian.h.
//
// The kernel is cut at 3 sigma, its weights are 16-bit fractions that sum to exactly 1, and the
// picture is mirrored at its edges (without repeating the edge: OpenCV's BORDER_REFLECT_101).
#pragma once

#include <vector>

#include "stages/kernels/gaussian.h"
#include "stages/samples.h"

namespace quadrant {

class Gaussian {
 public:
  struct Scratch final : Stage::State {
    Plane plane{};  // as if the whole picture were in memory
    int width = 0, height = 0;
    std::vector<const std::uint8_t*> lines;  // the input rows around the current one
    std::vector<std::uint16_t> across;       // their weighted mean, with mirrored ends
    std::vector<std::uint16_t> result;
  };

  Gaussian() = default;
  Gaussian(double sigma, const Format& format);

  int radius() const { return taps_.radius(); }
  const kernels::Taps& taps() const { return taps_; }
  // Before the rows of a plane, which must stay in memory while they are asked for.
  void begin(const View& in, int plane, Scratch& scratch) const;
  // Row `row` of the plane, blurred, in units of 2^-fraction_bits of a sample. Reads radius() rows
  // on both sides. Valid until the next call with the same scratch memory.
  const std::uint16_t* row(int row, Scratch& scratch) const;

 private:
  kernels::Taps taps_;
};

}  // namespace quadrant
