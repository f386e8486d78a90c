// SPDX-License-Identifier: MIT
// Size and pixel format conversion by libswscale, by ranges of rows and bit-exact: a row does not
// depend on the range requested, on SIMD or on threads (SWS_ACCURATE_RND | SWS_BITEXACT). Matrix,
// range and chroma location are those of the frames, on both sides.
#pragma once

#include <array>
#include <memory>

#include "pipeline/contract/format.h"
#include "pipeline/contract/frame.h"

namespace quadrant {

enum class ScaleMethod { bicubic, area, lanczos };

// Not thread-safe: use one per worker.
class Scaler {
 public:
  // Throws Error(input) if libswscale cannot convert between the two formats.
  Scaler(const Format& in, const Format& out, ScaleMethod method);
  ~Scaler();
  Scaler(Scaler&&) noexcept;
  Scaler& operator=(Scaler&&) noexcept;

  // Ranges that start and end at multiples of this (or at the picture's end) are converted
  // directly; others also cost the conversion of surrounding rows.
  int row_alignment() const;
  // Fills the luma rows begin..end of `out`, whose planes point to row 0 of the whole picture (as
  // if all of it were in memory); reads the whole of `in`. `begin` must be on a chroma row.
  void rows(const std::array<Plane, 4>& in, const std::array<Plane, 4>& out, int begin, int end);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quadrant
