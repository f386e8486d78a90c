// SPDX-License-Identifier: MIT
#include "pipeline/execute/adapt.h"

#include <cstring>

#include "pipeline/execute/nodes.h"
#include "pipeline/media/filter_graph.h"

namespace quadrant {
namespace {

bool bottom_up(const Frame& frame) {
  if (frame.format().pixels.name() == "pal8") return false;  // the next conversion handles both
  for (int p = 0; p < frame.format().pixels.planes(); ++p)
    if (frame.plane(p).stride < 0) return true;
  return false;
}

void copy_rows(const Frame& from, const Frame& to) {
  const Format& f = from.format();
  for (int p = 0; p < f.pixels.planes(); ++p)
    for (int row = 0; row < f.plane_height(p); ++row)
      std::memcpy(to.plane(p).data + row * to.plane(p).stride,
                  from.plane(p).data + row * from.plane(p).stride,
                  static_cast<std::size_t>(f.pixels.row_bytes(p, f.width)));
}

// As FFmpeg does: converts to the size and format at the start, with libavfilter's scale.
Frame resized(const Frame& frame, const Format& planned) {
  FilterGraph graph(frame.format(),
                    fmt::format("scale={}:{}:flags=bicubic+accurate_rnd+bitexact,format={}",
                                planned.width, planned.height, planned.pixels.name()),
                    one_after_another());
  graph.push(frame);
  return graph.pull();
}

}  // namespace

Frame Adapt::operator()(Frame frame) {
  const Format& planned = pool_.format();
  if (!frame.format().same_picture(planned)) frame = resized(frame, planned);
  if (!bottom_up(frame)) return frame;
  Frame out = pool_.make(frame);
  copy_rows(frame, out);
  return out;
}

}  // namespace quadrant
