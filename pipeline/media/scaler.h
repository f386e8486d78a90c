// SPDX-License-Identifier: MIT
// Size and pixel format conversion by libswscale, row range by row range, bit-exact: the rows do
// not depend on how they were asked for, on SIMD or on threads (SWS_ACCURATE_RND | SWS_BITEXACT).
// Matrix, range and chroma location are the frames' own, on both sides.
#pragma once

#include <array>
#include <memory>

#include "pipeline/contract/format.h"
#include "pipeline/contract/frame.h"

namespace quadrant {

enum class ScaleMethod { bicubic, area, lanczos };

// Not thread-safe: one for each worker.
class Scaler {
 public:
  // Throws Error(input) where libswscale cannot convert between the two formats.
  Scaler(const Format& in, const Format& out, ScaleMethod method);
  ~Scaler();
  Scaler(Scaler&&) noexcept;
  Scaler& operator=(Scaler&&) noexcept;

  // Rows that begin and end at multiples of this (or at the picture's end) are converted once;
  // others cost a conversion of the rows around them, too.
  int row_alignment() const;
  // Fills the luma rows begin..end of `out`, whose planes point at row 0 of the whole picture
  // (as if all of it were in memory); reads the whole of `in`. `begin` must be on a chroma row.
  void rows(const std::array<Plane, 4>& in, const std::array<Plane, 4>& out, int begin, int end);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quadrant
