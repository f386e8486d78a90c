// SPDX-License-Identifier: MIT
#include "pipeline/contract/view.h"

namespace quadrant {

Rows plane_rows(const Format& format, int plane, Rows luma) {
  const int shift = format.pixels.log2_height(plane);
  // Only the last strip may end in the middle of a chroma row; it then ends where the plane ends.
  return {luma.begin >> shift, -((-luma.end) >> shift)};
}

View::View(const Frame& frame) : format_(&frame.format()), luma_{0, frame.format().height} {
  // All four: the palette of pal8 takes the place of the second plane.
  for (int p = 0; p < 4; ++p) planes_[static_cast<std::size_t>(p)] = frame.plane(p);
}

View::View(const Format& format, Rows luma, const std::array<Plane, 4>& planes)
    : format_(&format), luma_(luma), planes_(planes) {}

cv::Mat View::plane(int plane) const {
  const PixelFormat pixels = format_->pixels;
  const Plane& memory = planes_[static_cast<std::size_t>(plane)];
  const int bytes = pixels.planar() ? pixels.bytes_per_sample() : 1;
  const int columns = pixels.row_bytes(plane, format_->width) / bytes;
  return {rows(plane).size(), columns, bytes == 2 ? CV_16UC1 : CV_8UC1, memory.data,
          static_cast<std::size_t>(memory.stride)};
}

cv::Mat View::plane(int plane, Rows wanted) const {
  const int first = rows(plane).begin;
  return this->plane(plane).rowRange(wanted.begin - first, wanted.end - first);
}

std::array<Plane, 4> View::whole_planes() const {
  std::array<Plane, 4> whole = planes_;
  for (int p = 0; p < planes(); ++p) {
    Plane& plane = whole[static_cast<std::size_t>(p)];
    plane.data -= plane.stride * rows(p).begin;
  }
  return whole;
}

View View::part(Rows luma) const {
  View result = *this;
  result.luma_ = luma;
  for (int p = 0; p < planes(); ++p) {
    Plane& memory = result.planes_[static_cast<std::size_t>(p)];
    memory.data += memory.stride * (plane_rows(*format_, p, luma).begin - rows(p).begin);
  }
  return result;
}

}  // namespace quadrant
