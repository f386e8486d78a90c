// SPDX-License-Identifier: MIT
// The rows of a picture that are in memory: a whole frame, or a strip of it. Rows are always
// counted in the whole picture, in each plane's own grid, so a stage never sees whether it works on
// a frame, a tile or a strip of scratch memory.
//
// Tiles are strips of whole rows. Full rows keep every SIMD tail where it is in the whole picture,
// so the width of a tile cannot change the result, and they suit the cache and the prefetcher
// better than squares.
#pragma once

#include <array>
#include <opencv2/core/mat.hpp>

#include "pipeline/contract/frame.h"
#include "pipeline/contract/promises.h"

namespace quadrant {

// Rows of plane `plane` for the luma rows `luma` (which start on a chroma row).
Rows plane_rows(const Format& format, int plane, Rows luma);

class View {
 public:
  View() = default;
  // All of a frame, borrowed: the frame must outlive the view.
  explicit View(const Frame& frame);
  // The luma rows `luma` of a picture; planes[p] points to the first of plane_rows(format, p,
  // luma).
  View(const Format& format, Rows luma, const std::array<Plane, 4>& planes);

  const Format& format() const { return *format_; }
  int planes() const { return format_->pixels.planes(); }
  Rows luma_rows() const { return luma_; }
  Rows rows(int plane) const { return plane_rows(*format_, plane, luma_); }

  // The samples in memory: CV_8UC1 or CV_16UC1 for planar formats, raw bytes for packed ones. On a
  // region of it (cv::Mat::rowRange) OpenCV also reads the neighbours in memory. Where the memory
  // ends, either the picture ends or the stage reads farther than its reach.
  cv::Mat plane(int plane) const;
  cv::Mat plane(int plane, Rows rows) const;

  // The planes as if the whole picture were in memory: row 0 may lie outside the memory.
  std::array<Plane, 4> whole_planes() const;

  // A view of fewer rows of the same memory.
  View part(Rows luma) const;

 private:
  const Format* format_ = nullptr;  // of the frame or the plan, which must outlive the view
  Rows luma_;
  std::array<Plane, 4> planes_{};
};

}  // namespace quadrant
