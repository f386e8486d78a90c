// SPDX-License-Identifier: MIT
// Containers find a keyframe by an index, by bisection or not at all, and some land after the
// requested position. So a seek is only a guess: the segment's keyframe is recognized by its
// timestamp. If it does not come, the guess was too late and an earlier one is made, finally the
// start of the input.
#include <algorithm>

#include "pipeline/media/av.h"
#include "pipeline/media/segment.h"

namespace quadrant {
namespace {

constexpr double first_step_seconds = 1, widening = 4;
constexpr int tries = 6;

bool is_key(const Packet& packet, std::int64_t pts) {
  return packet.av()->pts == pts && packet.av()->flags & AV_PKT_FLAG_KEY;
}

}  // namespace

SegmentSource::SegmentSource(Input& input, const Segment& segment)
    : input_(input), segment_(segment), left_(segment.packets) {
  input_.ignore_other_streams();
  if (segment_.key_pts == Segment::start) return;
  const double tick = input_.info().video_stream().format.time_base.value();
  std::int64_t from = segment_.key_dts == AV_NOPTS_VALUE
                          ? segment_.key_pts
                          : std::min(segment_.key_pts, segment_.key_dts);
  double step = first_step_seconds;
  for (int i = 0; i < tries; ++i, step *= widening) {
    if (find_key(from)) return;
    from -= static_cast<std::int64_t>(step / tick);
  }
  if (!find_key(Segment::start))
    fail(Fault::input,
         "{}: the keyframe at {:.3f} s, where a segment begins, is not there any more; "
         "the file has changed",
         input_.info().name, static_cast<double>(segment_.key_pts) * tick);
}

bool SegmentSource::find_key(std::int64_t from) {
  if (!input_.seek(from)) return false;
  while (Packet packet = next()) {
    if (is_key(packet, segment_.key_pts)) {
      found_ = std::move(packet);
      return true;
    }
    const std::int64_t dts = packet.av()->dts;
    if (dts != AV_NOPTS_VALUE && segment_.key_dts != AV_NOPTS_VALUE && dts > segment_.key_dts)
      return false;
  }
  return false;
}

Packet SegmentSource::next() {
  for (;;) {
    Packet packet = input_.read();
    if (!packet || packet.stream() == input_.info().video) return packet;
  }
}

Packet SegmentSource::read() {
  if (left_ == 0) return {};
  if (left_ != Segment::finish) --left_;
  if (found_) return std::exchange(found_, Packet());
  return next();
}

}  // namespace quadrant
