// SPDX-License-Identifier: MIT
#include "pipeline/media/joined_parts.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <numeric>

extern "C" {
#include <libavutil/mem.h>
}

#include "pipeline/media/joined_differences.h"
#include "pipeline/media/stream_info.h"
#include "pipeline/media/ticks.h"

namespace quadrant {
namespace {

using Described = std::shared_ptr<const DescribedInput>;

// A tick of which those of both are multiples. Where there is none of a usual size: one that
// divides those of all usual rates, for pictures and for sound.
AVRational common_tick(AVRational a, AVRational b) {
  constexpr std::int64_t finest = 1'000'000'000;
  const std::int64_t num = std::gcd(std::int64_t{a.num} * b.den, std::int64_t{b.num} * a.den);
  const std::int64_t den = std::int64_t{a.den} * b.den, common = std::gcd(num, den);
  if (common == 0 || den / common > finest || num / common > std::numeric_limits<int>::max())
    return {1, 705'600'000};
  return {static_cast<int>(num / common), static_cast<int>(den / common)};
}

// The streams that are taken of a kind, in the part's order.
std::vector<int> streams_of(const DescribedInput& part, StreamKind kind) {
  std::vector<int> found;
  for (const StreamInfo& s : part.info.streams)
    if (s.kind == kind && s.taken && (kind != StreamKind::video || s.index == part.info.video))
      found.push_back(s.index);
  return found;
}

std::vector<JoinedStream> join_streams(const std::vector<Described>& parts) {
  std::vector<JoinedStream> joined;
  const auto add = [&](StreamKind kind, bool of_first_only) {
    const std::size_t before = joined.size();
    for (std::size_t k = 0; k < parts.size() && (k == 0 || !of_first_only); ++k) {
      const std::vector<int> found = streams_of(*parts[k], kind);
      for (std::size_t i = 0; i < found.size(); ++i) {
        if (before + i == joined.size()) joined.push_back({std::vector<int>(parts.size(), -1), k});
        joined[before + i].of_part[k] = found[i];
      }
    }
  };
  add(StreamKind::video, false);
  add(StreamKind::audio, false);
  add(StreamKind::subtitle, false);
  add(StreamKind::attachment, true);
  add(StreamKind::cover, true);
  return joined;
}

}  // namespace

std::int64_t in_ticks(std::int64_t time, AVRational time_base) {
  return time == INT64_MIN || time == INT64_MAX ? time : rescaled(time, AV_TIME_BASE_Q, time_base);
}

JoinedParts::JoinedParts(const std::vector<InputSpec>& parts, const StopFlag& stop) {
  for (const InputSpec& part : parts) described.push_back(describe(part, stop));
  for (const Described& part : described) {
    begins.push_back(end);
    end = plus(end, part->length);
  }
  streams = join_streams(described);
  for (std::size_t i = 0; i < streams.size(); ++i) {
    AVRational tick = inner(streams[i].like, i).time_base;
    for (std::size_t k = 0; k < size(); ++k)
      if (const AVRational own = inner(k, i).time_base; av_cmp_q(own, tick) != 0)
        tick = common_tick(tick, own);
    time_bases.push_back(tick);
  }
}

const AVStream& JoinedParts::inner(std::size_t k, std::size_t i) const {
  const int own = streams[i].of_part[k];
  const std::size_t like = own < 0 ? streams[i].like : k;
  return *described[like]->context->streams[streams[i].of_part[like]];
}

const StreamInfo& JoinedParts::info(std::size_t k, std::size_t i) const {
  return described[k]->info.streams[static_cast<std::size_t>(streams[i].of_part[k])];
}

std::int64_t JoinedParts::begin(std::size_t k, std::size_t i) const {
  return in_ticks(begins[k], time_bases[i]);
}

Input::Ticks JoinedParts::shown(std::size_t k, Input::Ticks taken, AVRational own,
                                AVRational tick) const {
  const std::int64_t from = in_ticks(begins[k], tick);
  Input::Ticks there;
  if (k > 0) there.first = from;
  if (taken.first != INT64_MIN) there.first = plus(from, rescaled(taken.first, own, tick));
  if (k + 1 < size()) there.end = in_ticks(begins[k + 1], tick);
  if (taken.end != INT64_MAX)
    there.end = std::min(there.end, plus(from, rescaled(taken.end, own, tick)));
  return there;
}

MadeContext JoinedParts::context(std::size_t k) const {
  MadeContext made = make_context("concat", *described[k]->context);
  for (std::size_t i = 0; i < streams.size(); ++i)
    add_stream_like(*made, inner(k, i), time_bases[i]);
  return made;
}

bool JoinedParts::turn_differently() const {
  return std::ranges::any_of(described, [this](const Described& part) {
    return part->info.video_stream().orientation !=
           described.front()->info.video_stream().orientation;
  });
}

std::shared_ptr<const Part> JoinedParts::make_part(std::size_t k) const {
  auto part = std::make_shared<Part>();
  part->number = static_cast<int>(k);
  part->name = name(k);
  part->context = context(k);
  part->turns_its_own = turn_differently();
  part->pictures = shown(k, described[k]->pictures, inner(k, 0).time_base, time_bases[0]);
  part->sound = shown(k, described[k]->sound, AV_TIME_BASE_Q, AV_TIME_BASE_Q);
  return part;
}

InputInfo JoinedParts::describe_whole(const std::string& called) const {
  InputInfo whole = described.front()->info;
  whole.name = called;
  whole.container = "concat";
  whole.start_seconds = 0;
  whole.bit_rate = 0;
  whole.duration_seconds = static_cast<double>(end) / AV_TIME_BASE;
  whole.video = 0;
  whole.streams.clear();
  for (std::size_t i = 0; i < streams.size(); ++i) whole.streams.push_back(stream_info(i));
  whole.tells_times =
      std::ranges::all_of(described, [](const Described& part) { return part->info.tells_times; });
  tell_differences(*this, whole);
  return whole;
}

StreamInfo JoinedParts::stream_info(std::size_t i) const {
  StreamInfo s = info(streams[i].like, i);
  s.index = static_cast<int>(i);
  s.start_seconds = 0;
  s.duration_seconds = static_cast<double>(end) / AV_TIME_BASE;
  s.indexed = s.bit_rate = s.frames = 0;
  s.unlike = why_unlike(*this, i);
  if (s.kind != StreamKind::video) return s;
  s.format.time_base = av::from_av(time_bases[i]);
  s.pictures_tell_orientation = s.pictures_tell_orientation || turn_differently();
  for (std::size_t k = 0; k < size(); ++k) {
    const StreamInfo& own = info(k, i);
    s.frames += described[k]->info.expected_frames();
    s.variable_rate =
        s.variable_rate || own.variable_rate || !(own.format.frame_rate == s.format.frame_rate);
    if (s.undecodable.empty() && !own.undecodable.empty())
      s.undecodable = fmt::format("{}: {}", name(k), own.undecodable);
  }
  return s;
}

static void add_chapter_at(AVFormatContext& whole, const AVChapter& from, std::int64_t start,
                           std::int64_t end) {
  auto* made = static_cast<AVChapter*>(av::not_null(av_mallocz(sizeof(AVChapter))));
  made->id = whole.nb_chapters + 1;
  made->time_base = AV_TIME_BASE_Q;
  made->start = start;
  made->end = end;
  av_dict_copy(&made->metadata, from.metadata, 0);
  int count = static_cast<int>(whole.nb_chapters);
  av_dynarray_add(&whole.chapters, &count, made);
  whole.nb_chapters = static_cast<unsigned>(count);
  if (count == 0) fail(Fault::temporary, "out of memory");
}

// Those of libavformat are on the container's clock, of which a part begins at start_time.
void JoinedParts::add_chapters(AVFormatContext& whole) const {
  for (std::size_t k = 0; k < size(); ++k) {
    const AVFormatContext& part = *described[k]->context;
    const std::int64_t origin = part.start_time == AV_NOPTS_VALUE ? 0 : part.start_time;
    for (unsigned i = 0; i < part.nb_chapters; ++i) {
      const AVChapter& from = *part.chapters[i];
      const auto at = [&](std::int64_t time) {
        const std::int64_t own = minus(rescaled(time, from.time_base, AV_TIME_BASE_Q), origin);
        return plus(std::clamp<std::int64_t>(own, 0, described[k]->length), begins[k]);
      };
      add_chapter_at(whole, from, at(from.start), at(from.end));
    }
  }
}

}  // namespace quadrant
