// SPDX-License-Identifier: MIT
#include "pipeline/execute/adapt.h"

#include <cstring>

#include "pipeline/media/scaler.h"

namespace quadrant {
namespace {

std::array<Plane, 4> planes_of(const Frame& frame) {
  std::array<Plane, 4> planes{};
  for (int p = 0; p < frame.format().pixels.planes(); ++p) planes[static_cast<std::size_t>(p)] = frame.plane(p);
  return planes;
}

bool bottom_up(const Frame& frame) {
  for (int p = 0; p < frame.format().pixels.planes(); ++p)
    if (frame.plane(p).stride < 0) return true;
  return false;
}

void copy_rows(const Frame& from, const Frame& to) {
  const Format& f = from.format();
  for (int p = 0; p < f.pixels.planes(); ++p)
    for (int row = 0; row < f.plane_height(p); ++row)
      std::memcpy(to.plane(p).data + row * to.plane(p).stride, from.plane(p).data + row * from.plane(p).stride,
                  static_cast<std::size_t>(f.pixels.row_bytes(p, f.width)));
}

}  // namespace

Frame Adapt::operator()(Frame frame) {
  const Format& planned = pool_.format();
  const bool same = frame.format().same_picture(planned);
  if (same && !bottom_up(frame)) return frame;
  Frame out = pool_.make(frame);
  if (same)
    copy_rows(frame, out);
  else  // rare enough that the tables are made anew
    Scaler(frame.format(), planned, ScaleMethod::bicubic).rows(planes_of(frame), planes_of(out), 0, planned.height);
  return out;
}

}  // namespace quadrant
