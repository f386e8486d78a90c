// SPDX-License-Identifier: MIT
#include "pipeline/media/timeline.h"

#include <algorithm>
#include <cstdlib>

#include "pipeline/media/ticks.h"

namespace quadrant {
namespace {

constexpr std::int64_t jump = std::int64_t{10} * AV_TIME_BASE;  // -dts_delta_threshold
constexpr std::int64_t step_back = AV_TIME_BASE / 10;

bool is_timed(const AVStream& stream) {
  const AVMediaType type = stream.codecpar->codec_type;
  return type == AVMEDIA_TYPE_VIDEO || type == AVMEDIA_TYPE_AUDIO;
}

std::int64_t to_ticks(std::int64_t time, const AVStream& stream) {
  return rescaled(time, stream.time_base, AV_TIME_BASE_Q);
}

// Duration of a packet: its own, or one frame at the stream's rate.
std::int64_t length_of(const AVPacket& packet, const AVStream& stream) {
  if (packet.duration > 0) return to_ticks(packet.duration, stream);
  if (stream.codecpar->codec_type == AVMEDIA_TYPE_VIDEO && stream.avg_frame_rate.num > 0)
    return av_rescale_q(1, av_inv_q(stream.avg_frame_rate), AV_TIME_BASE_Q);
  return 0;
}

}  // namespace

Timeline::Timeline(const AVFormatContext& context) : context_(context) {
  if (context.start_time != AV_NOPTS_VALUE) offset_ = -context.start_time;
}

void Timeline::shift(AVPacket& packet, std::int64_t ticks) const {
  const std::int64_t moved =
      rescaled(ticks, AV_TIME_BASE_Q, context_.streams[packet.stream_index]->time_base);
  if (packet.dts != AV_NOPTS_VALUE) packet.dts = plus(packet.dts, moved);
  if (packet.pts != AV_NOPTS_VALUE) packet.pts = plus(packet.pts, moved);
}

std::int64_t Timeline::in_container(std::int64_t time, const AVStream& stream) const {
  return minus(time, rescaled(offset_, AV_TIME_BASE_Q, stream.time_base));
}

void Timeline::move(AVPacket& packet) {
  const AVStream& stream = *context_.streams[packet.stream_index];
  tracks_.resize(context_.nb_streams);  // a transport stream may add streams at any time
  Track& track = tracks_[static_cast<std::size_t>(packet.stream_index)];
  shift(packet, offset_);
  if (is_timed(stream)) join(packet, track);
  if (packet.dts != AV_NOPTS_VALUE) last_ = to_ticks(packet.dts, stream);
  if (is_timed(stream)) advance(packet, track);
}

bool Timeline::is_jump(std::int64_t dts, std::int64_t expected, const Track& track) const {
  const bool known = track.next_dts != AV_NOPTS_VALUE;
  const std::int64_t delta = minus(dts, expected);
  if (known && plus(dts, step_back) < track.now) return true;
  if (context_.iformat->flags & AVFMT_TS_DISCONT) return std::abs(delta) > jump;
  // One damaged packet looks like a restart, and the next one like a leap by as much.
  return joined_ > 0 && std::abs(minus(delta, joined_)) < step_back;
}

// Where the clock jumped, everything that follows is moved to where it would have been.
void Timeline::join(AVPacket& packet, const Track& track) {
  if (packet.dts == AV_NOPTS_VALUE) return;
  const std::int64_t dts = to_ticks(packet.dts, *context_.streams[packet.stream_index]);
  const std::int64_t expected = track.next_dts != AV_NOPTS_VALUE ? track.next_dts : last_;
  if (expected == AV_NOPTS_VALUE || !is_jump(dts, expected, track)) return;
  const std::int64_t delta = minus(dts, expected);
  jumped_ = true;
  joined_ = std::max<std::int64_t>(-delta, 0);
  offset_ = minus(offset_, delta);
  shift(packet, -delta);
}

void Timeline::advance(const AVPacket& packet, Track& track) const {
  const AVStream& stream = *context_.streams[packet.stream_index];
  const std::int64_t length = length_of(packet, stream);
  if (packet.dts != AV_NOPTS_VALUE) {
    track.now = to_ticks(packet.dts, stream);
    track.next_dts = plus(track.now, length);
  } else if (track.next_dts != AV_NOPTS_VALUE) {
    track.now = track.next_dts;
    track.next_dts = plus(track.next_dts, length);
  }
}

}  // namespace quadrant
