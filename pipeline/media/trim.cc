// SPDX-License-Identifier: MIT
#include "pipeline/media/trim.h"

#include <algorithm>
#include <cmath>

#include "pipeline/media/stream_info.h"
#include "pipeline/media/ticks.h"
#include "pipeline/observe/findings.h"

namespace quadrant {
namespace {

// Decoders of sound want a few packets before the first sample that is heard, and containers store
// sound up to about as far away from the picture as this. A subtitle may have begun long before.
constexpr double sound_before = 1, subtitles_before = 30;  // seconds
// Of packets of video to hold while the keyframe before the start is sought; with more, decoding
// begins earlier than it had to.
constexpr std::int64_t most_held = 64 << 20;

std::int64_t ticks_of(double seconds) { return std::llround(seconds * AV_TIME_BASE); }

double in_seconds(std::int64_t ticks) { return static_cast<double>(ticks) / AV_TIME_BASE; }

std::int64_t time_of(const AVPacket& packet) {
  return packet.pts != AV_NOPTS_VALUE ? packet.pts : packet.dts;
}

std::int64_t decoding_time(const AVPacket& packet) {
  return packet.dts != AV_NOPTS_VALUE ? packet.dts : packet.pts;
}

void shift(AVPacket& packet, std::int64_t by) {
  if (packet.pts != AV_NOPTS_VALUE) packet.pts = minus(packet.pts, by);
  if (packet.dts != AV_NOPTS_VALUE) packet.dts = minus(packet.dts, by);
}

// Of a subtitle only what is shown in the part.
bool cut_subtitle(AVPacket& packet, std::int64_t end) {
  const std::int64_t until = plus(packet.pts, packet.duration);
  if (packet.pts < 0 && until <= 0) return false;
  if (packet.duration <= 0) return packet.pts >= 0;
  if (packet.pts < 0) packet.pts = packet.dts = 0;
  packet.duration = minus(std::min(until, end), packet.pts);
  return true;
}

// What of `all` is in the part from `start` to `part_end`, in seconds of the part.
TimeSpan within(const TimeSpan& all, double start, double part_end) {
  const double begin = std::max(all.begin, start), end = std::min(all.end, part_end);
  return {begin - start, std::max(begin, end) - start};
}

}  // namespace

Trim::Trim(const Selection& taken, AVFormatContext& context, InputInfo& info)
    : context_(context),
      video_(info.video),
      start_(ticks_of(taken.start)),
      end_(taken.end ? ticks_of(*taken.end) : INT64_MAX) {
  if (info.duration_seconds > 0 && taken.start >= info.duration_seconds)
    fail(Fault::input, "{}: start is {:g} s, and it ends at {:.3f} s", info.name, taken.start,
         info.duration_seconds);
  trim_chapters();
  describe(info);
  restart();
}

void Trim::restart() {
  held.clear();
  over_.assign(context_.nb_streams, false);
}

std::int64_t Trim::start_in(const AVStream& stream) const {
  return rescaled(start_, AV_TIME_BASE_Q, stream.time_base);
}

// A tick may be long: a moment in it is after its beginning.
Input::Ticks Trim::taken_in(const AVStream& stream) const {
  const auto first_at = [&](std::int64_t moment) {
    const std::int64_t tick =
        av_rescale_q_rnd(moment, AV_TIME_BASE_Q, stream.time_base, AV_ROUND_UP);
    return minus(tick, start_in(stream));
  };
  return {start_ > 0 ? first_at(start_) : INT64_MIN, end_ == INT64_MAX ? end_ : first_at(end_)};
}

Input::Ticks Trim::taken() const {
  return {start_ > 0 ? 0 : INT64_MIN, end_ == INT64_MAX ? end_ : end_ - start_};
}

// An AVChapter's times are the container's.
void Trim::trim_chapters() {
  const std::int64_t origin = context_.start_time == AV_NOPTS_VALUE ? 0 : context_.start_time;
  unsigned kept = 0;
  for (unsigned i = 0; i < context_.nb_chapters; ++i) {
    AVChapter* chapter = context_.chapters[i];
    const auto at = [&](std::int64_t time) {
      return rescaled(plus(origin, time), AV_TIME_BASE_Q, chapter->time_base);
    };
    const std::int64_t start = at(start_), end = end_ == INT64_MAX ? INT64_MAX : at(end_);
    if (chapter->start >= end || chapter->end <= start) {
      av_dict_free(&chapter->metadata);
      av_freep(&context_.chapters[i]);
      continue;
    }
    chapter->start = plus(minus(std::max(chapter->start, start), start), at(0));
    chapter->end = plus(minus(std::min(chapter->end, end), start), at(0));
    context_.chapters[kept++] = chapter;
  }
  context_.nb_chapters = kept;
}

void Trim::describe(InputInfo& info) const {
  const double start = in_seconds(start_), end = end_ == INT64_MAX ? HUGE_VAL : in_seconds(end_);
  const double origin = info.start_seconds;
  for (StreamInfo& s : info.streams) {
    s.indexed = 0;
    if (s.duration_seconds <= 0) continue;
    const double began = std::max(0.0, s.start_seconds - origin);
    const TimeSpan left = within({began, began + s.duration_seconds}, start, end);
    const double share = left.length() / s.duration_seconds;
    s.frames = std::llround(static_cast<double>(s.frames) * share);
    s.start_seconds = origin + left.begin;
    s.duration_seconds = left.length();
  }
  if (info.duration_seconds > 0)
    info.duration_seconds = within({0, info.duration_seconds}, start, end).end;
  else if (end_ != INT64_MAX)
    info.duration_seconds = end - start;
  info.chapters = static_cast<int>(context_.nb_chapters);
}

double Trim::reading_from() const {
  double before = sound_before;
  for (unsigned i = 0; i < context_.nb_streams; ++i)
    if (stream_kind(*context_.streams[i]) == StreamKind::subtitle) before = subtitles_before;
  return in_seconds(start_) - before;
}

// After an open group's keyframe, pictures that are shown before it cannot be decoded, and some
// decoders need a while to recover. Where the container does not say when it is shown (AVI), that
// may be after the start.
bool Trim::is_leading(std::size_t key) const {
  if (held[key]->pts == AV_NOPTS_VALUE) return true;
  return std::any_of(held.begin() + static_cast<std::ptrdiff_t>(key) + 1, held.end(),
                     [&](const auto& packet) {
                       return packet->stream_index == video_ && packet->pts != AV_NOPTS_VALUE &&
                              packet->pts < held[key]->pts;
                     });
}

void Trim::drop_video_before(std::size_t key) {
  std::size_t i = 0;
  std::erase_if(held,
                [&](const auto& packet) { return i++ < key && packet->stream_index == video_; });
}

bool Trim::lead_in(const Next& next, bool from_the_beginning) {
  const AVStream& video = *context_.streams[video_];
  const std::int64_t start = start_in(video);
  std::int64_t bytes = 0;
  std::deque<std::shared_ptr<AVPacket>> keys;  // the last two at or before the start
  restart();
  while (std::shared_ptr<AVPacket> packet = next()) {
    held.push_back(packet);
    if (packet->stream_index != video_) continue;
    if (decoding_time(*packet) != AV_NOPTS_VALUE && decoding_time(*packet) > start) break;
    bytes += packet->size;
    if (bytes > most_held && !keys.empty()) break;
    if (!(packet->flags & AV_PKT_FLAG_KEY) || time_of(*packet) > start) continue;
    keys.push_back(packet);
    if (keys.size() <= 2) continue;
    keys.pop_front();
    drop_video_before(
        static_cast<std::size_t>(std::ranges::find(held, keys.front()) - held.begin()));
    bytes = 0;
  }
  const auto place = [&](const auto& key) {
    return static_cast<std::size_t>(std::ranges::find(held, key) - held.begin());
  };
  if (!keys.empty() && is_leading(place(keys.back()))) keys.pop_back();
  if (!keys.empty()) drop_video_before(place(keys.back()));
  return !keys.empty() || from_the_beginning;
}

bool Trim::place(AVPacket& packet) {
  const AVStream& stream = *context_.streams[packet.stream_index];
  const StreamKind kind = stream_kind(stream);
  over_.resize(context_.nb_streams, false);
  if (kind == StreamKind::cover || kind == StreamKind::attachment) return true;
  shift(packet, start_in(stream));
  const std::int64_t end = taken_in(stream).end, time = time_of(packet);
  const bool known = time != AV_NOPTS_VALUE;
  if (kind == StreamKind::video || kind == StreamKind::audio)
    over_[static_cast<std::size_t>(packet.stream_index)] = known && decoding_time(packet) >= end;
  if (packet.stream_index == video_) return true;
  if (known && time >= end) return false;
  if (kind == StreamKind::subtitle && packet.pts != AV_NOPTS_VALUE)
    return cut_subtitle(packet, end);
  if (start_ == 0 || !known) return true;
  if (kind == StreamKind::audio)
    return time >= -rescaled(ticks_of(sound_before), AV_TIME_BASE_Q, stream.time_base);
  return time >= 0;
}

bool Trim::is_over() const {
  if (end_ == INT64_MAX) return false;
  for (unsigned i = 0; i < context_.nb_streams && i < over_.size(); ++i) {
    const AVStream& stream = *context_.streams[i];
    const StreamKind kind = stream_kind(stream);
    const bool counts =
        stream.discard != AVDISCARD_ALL && (kind == StreamKind::video || kind == StreamKind::audio);
    if (counts && !over_[i]) return false;
  }
  return true;
}

}  // namespace quadrant
