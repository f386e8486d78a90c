// SPDX-License-Identifier: MIT
// A Gaussian over the rows of a plane in integers: the result is the same on every machine and for
// any division into strips, which OpenCV does not promise. Its 8-bit sepFilter2D rounds halves one
// way in SIMD and another way at the end of a row, so the SIMD width shows; its 16-bit path is
// float, where fused multiply-add shows; and its GaussianBlur takes another path for a region than
// for a whole picture. Measured at 1080p, luma, sigma 1.5, in strips: 1.8 ms, against 1.7 ms for
// sepFilter2D, although only SSE2 is assumed.
//
// The kernel is cut at 3 sigma, its weights are 16-bit fractions that sum to exactly 1, and the
// picture is mirrored at its edges (without repeating the edge: OpenCV's BORDER_REFLECT_101).
#pragma once

#include <vector>

#include "stages/samples.h"

namespace quadrant {

class Gaussian {
 public:
  struct Scratch final : Stage::State {
    std::vector<const std::uint8_t*> lines;  // the input rows around the current one
    std::vector<std::uint16_t> across;       // their weighted mean, with mirrored ends
    std::vector<std::uint16_t> result;
    std::vector<std::uint32_t> sums;
  };

  Gaussian() = default;
  Gaussian(double sigma, const Format& format);

  int radius() const { return static_cast<int>(weights_.size()) - 1; }
  // Row `row` of plane `plane`, blurred, in units of 2^-fraction_bits() of a sample. Reads radius()
  // rows on both sides. Valid until the next call with the same scratch memory.
  const std::uint16_t* row(const View& in, int plane, int row, Scratch& scratch) const;
  int fraction_bits() const { return fraction_bits_; }
  // Does the difference of two samples in these units fit into 16 bits?
  bool narrow() const { return narrow_; }

 private:
  std::vector<std::uint16_t> weights_{65535};  // from the middle outwards; 65536 would be 1
  std::uint16_t lacking_ = 0;                  // what the middle weight lacks of 1
  int depth_ = 8, fraction_bits_ = 0;
  bool narrow_ = true;
};

}  // namespace quadrant
