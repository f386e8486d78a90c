// SPDX-License-Identifier: MIT
// Inputs one after the other. Each part lasts as long as its longest stream of picture or sound, as
// in FFmpeg's concat filter, so all of its streams end together, and the next part begins there:
//
//   picture  [ a 0 .. 2.00)......[ b 2.03 ..          the last picture stays until b begins
//   sound    [ a 0 ....... 2.03)[ b 2.03 ..
//
// The streams are those of the first part; sound and subtitles are joined by their number among
// their kind. Parts are opened when their turn comes.
#include <algorithm>
#include <cstring>
#include <limits>
#include <numeric>
#include <optional>

#include "pipeline/counted.h"
#include "pipeline/media/compound.h"
#include "pipeline/media/described_input.h"
#include "pipeline/media/stream_info.h"
#include "pipeline/media/ticks.h"

extern "C" {
#include <libavutil/mem.h>
}

namespace quadrant {
namespace {

using Described = std::shared_ptr<const DescribedInput>;

std::int64_t in_ticks(std::int64_t time, AVRational time_base) {
  return time == INT64_MIN || time == INT64_MAX ? time : rescaled(time, AV_TIME_BASE_Q, time_base);
}

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

bool same_codec(const AVStream& a, const AVStream& b) {
  const AVCodecParameters &x = *a.codecpar, &y = *b.codecpar;
  return x.codec_id == y.codec_id && x.profile == y.profile && x.sample_rate == y.sample_rate &&
         x.format == y.format && x.frame_size == y.frame_size &&
         x.extradata_size == y.extradata_size &&
         av_channel_layout_compare(&x.ch_layout, &y.ch_layout) == 0 &&
         (x.extradata_size == 0 ||
          std::memcmp(x.extradata, y.extradata, static_cast<std::size_t>(x.extradata_size)) == 0);
}

// A stream of the whole, and which stream of each part it is; -1: the part has none.
struct JoinedStream {
  std::vector<int> of_part;
  std::size_t like = 0;  // the first part that has it
};

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

class JoinedSource final : public Compound {
 public:
  JoinedSource(const InputSpec& spec, const StopFlag& stop) : stop_(stop) {
    for (const InputSpec& part : spec.taken.joined) described_.push_back(describe(part, stop));
    for (const Described& part : described_) {
      begins_.push_back(end_);
      end_ = plus(end_, part->length);
    }
    streams_ = join_streams(described_);
    set_time_bases();
    for (std::size_t k = 0; k < described_.size(); ++k) parts_.push_back(make_part(k));
    describe_whole(spec);
    tell_differences();
  }

  bool read(AVPacket& packet) override {
    while (current_ < described_.size()) {
      if (!input_) open(current_);
      const Packet next = input_->read();
      diagnostics.add(input_->take_diagnostics());
      if (!next) {
        input_.reset();
        ++current_;
      } else if (adopt(*next.av(), packet)) {
        return true;
      }
    }
    return false;
  }

  bool seek(std::int64_t time) override {
    const AVRational tick = time_bases_[0];
    std::size_t k = 0;
    while (time != INT64_MIN && k + 1 < begins_.size() && in_ticks(begins_[k + 1], tick) <= time)
      ++k;
    current_ = k;
    open(k);
    if (time == INT64_MIN) return true;
    const std::int64_t in_part = std::max<std::int64_t>(minus(time, in_ticks(begins_[k], tick)), 0);
    const AVRational own = inner(k, 0).time_base;
    return input_->seek(av_rescale_q_rnd(in_part, tick, own, AV_ROUND_DOWN));
  }

  bool is_seekable() const override {
    return std::ranges::all_of(described_, [](const auto& part) { return part->is_seekable; });
  }

  PacketScan scan() const override { return scan_by(scan_packets); }

  std::int64_t silent_until(int stream) const override {
    const JoinedStream& s = streams_[static_cast<std::size_t>(stream)];
    return s.of_part.back() < 0 ? end_ : INT64_MIN;
  }

 private:
  // The stream of part `k` that is the stream `i` of the whole; like it, if the part has none.
  const AVStream& inner(std::size_t k, std::size_t i) const {
    const int own = streams_[i].of_part[k];
    const std::size_t like = own < 0 ? streams_[i].like : k;
    return *described_[like]->context->streams[streams_[i].of_part[like]];
  }

  void set_time_bases() {
    for (std::size_t i = 0; i < streams_.size(); ++i) {
      AVRational tick = inner(streams_[i].like, i).time_base;
      for (std::size_t k = 0; k < described_.size(); ++k)
        if (const AVRational own = inner(k, i).time_base; av_cmp_q(own, tick) != 0)
          tick = common_tick(tick, own);
      time_bases_.push_back(tick);
    }
  }

  MadeContext context_of(std::size_t k) const {
    MadeContext made = make_context("concat", *described_[k]->context);
    for (std::size_t i = 0; i < streams_.size(); ++i)
      add_stream_like(*made, inner(k, i), time_bases_[i]);
    return made;
  }

  std::shared_ptr<const Part> make_part(std::size_t k) const {
    auto part = std::make_shared<Part>();
    part->number = static_cast<int>(k);
    part->name = described_[k]->spec.name;
    part->context = context_of(k);
    const AVRational own = inner(k, 0).time_base, tick = time_bases_[0];
    part->pictures = shown_of(k, described_[k]->pictures, own, tick);
    part->sound = shown_of(k, described_[k]->sound, AV_TIME_BASE_Q, AV_TIME_BASE_Q);
    const auto turned = [this](std::size_t i) {
      return described_[i]->info.video_stream().orientation;
    };
    for (std::size_t i = 1; i < described_.size(); ++i)
      part->turns_its_own = part->turns_its_own || turned(i) != turned(0);
    return part;
  }

  // What part `k` takes of its own clock, on the whole's.
  Input::Ticks shown_of(std::size_t k, Input::Ticks taken, AVRational own, AVRational tick) const {
    const std::int64_t begin = in_ticks(begins_[k], tick);
    Input::Ticks shown;
    if (k > 0 || taken.first != INT64_MIN) shown.first = begin;
    if (taken.first != INT64_MIN) shown.first = plus(begin, rescaled(taken.first, own, tick));
    if (k + 1 < begins_.size()) shown.end = in_ticks(begins_[k + 1], tick);
    if (taken.end != INT64_MAX)
      shown.end = std::min(shown.end, plus(begin, rescaled(taken.end, own, tick)));
    return shown;
  }

  void describe_whole(const InputSpec& spec) {
    const DescribedInput& first = *described_.front();
    info = first.info;
    info.name = spec.name;
    info.container = "concat";
    info.start_seconds = 0;
    info.bit_rate = 0;
    info.duration_seconds = static_cast<double>(end_) / AV_TIME_BASE;
    info.video = 0;
    info.streams.clear();
    context = context_of(0);
    context->duration = end_;
    av_dict_copy(&context->metadata, first.context->metadata, 0);
    for (std::size_t i = 0; i < streams_.size(); ++i) info.streams.push_back(stream_info(i));
    info.tells_times =
        std::ranges::all_of(described_, [](const auto& part) { return part->info.tells_times; });
    for (std::size_t k = 0; k < described_.size(); ++k) add_chapters(k);
    info.chapters = static_cast<int>(context->nb_chapters);
    first_picture = properties_of(first.first_picture.get());
  }

  const StreamInfo& info_of(std::size_t k, std::size_t i) const {
    return described_[k]->info.streams[static_cast<std::size_t>(streams_[i].of_part[k])];
  }

  StreamInfo stream_info(std::size_t i) {
    const JoinedStream& stream = streams_[i];
    StreamInfo s = info_of(stream.like, i);
    s.index = static_cast<int>(i);
    s.start_seconds = 0;
    s.duration_seconds = info.duration_seconds;
    s.indexed = s.bit_rate = s.frames = 0;
    const bool is_joined = s.kind == StreamKind::audio || s.kind == StreamKind::subtitle;
    for (std::size_t k = 0; k < described_.size(); ++k)
      if (is_joined && s.unlike.empty()) s.unlike = unlike(k, i);
    if (s.kind != StreamKind::video) return s;
    s.format.time_base = av::from_av(time_bases_[i]);
    for (std::size_t k = 0; k < described_.size(); ++k) {
      const StreamInfo& own = info_of(k, i);
      s.frames += described_[k]->info.expected_frames();
      s.variable_rate =
          s.variable_rate || own.variable_rate || !(own.format.frame_rate == s.format.frame_rate);
      if (s.undecodable.empty() && !own.undecodable.empty())
        s.undecodable = fmt::format("{}: {}", described_[k]->spec.name, own.undecodable);
      s.pictures_tell_orientation = s.pictures_tell_orientation || parts_[k]->turns_its_own;
    }
    return s;
  }

  // Why a stream of sound or subtitles cannot be copied; "" if part `k` is like the first.
  std::string unlike(std::size_t k, std::size_t i) const {
    const JoinedStream& stream = streams_[i];
    const std::string& name = described_[k]->spec.name;
    const bool is_audio = info_of(stream.like, i).kind == StreamKind::audio;
    if (stream.of_part[k] < 0) return is_audio ? fmt::format("{} has no such sound", name) : "";
    if (same_codec(inner(k, i), inner(stream.like, i))) return "";
    const StreamInfo& own = info_of(k, i);
    return is_audio ? fmt::format("{} has other sound: {} {} Hz {}", name, own.codec,
                                  own.sample_rate, counted(own.channels, "channel"))
                    : fmt::format("{} has other subtitles: {}", name, own.codec);
  }

  // Those of libavformat are on the container's clock, of which a part begins at start_time.
  void add_chapters(std::size_t k) {
    const AVFormatContext& part = *described_[k]->context;
    const std::int64_t origin = part.start_time == AV_NOPTS_VALUE ? 0 : part.start_time;
    for (unsigned i = 0; i < part.nb_chapters; ++i) {
      const AVChapter& from = *part.chapters[i];
      const auto at = [&](std::int64_t time) {
        const std::int64_t own = minus(rescaled(time, from.time_base, AV_TIME_BASE_Q), origin);
        return plus(std::clamp<std::int64_t>(own, 0, described_[k]->length), begins_[k]);
      };
      auto* made = static_cast<AVChapter*>(av::not_null(av_mallocz(sizeof(AVChapter))));
      made->id = context->nb_chapters + 1;
      made->time_base = AV_TIME_BASE_Q;
      made->start = at(from.start);
      made->end = at(from.end);
      av_dict_copy(&made->metadata, from.metadata, 0);
      int count = static_cast<int>(context->nb_chapters);
      av_dynarray_add(&context->chapters, &count, made);
      context->nb_chapters = static_cast<unsigned>(count);
    }
  }

  // What differs between the parts, and what becomes of it.
  void tell_differences() {
    for (std::size_t k = 0; k < described_.size(); ++k) {
      if (k > 0) tell_pictures(k);
      tell_silence(k);
      tell_left_out(k);
    }
  }

  void tell_pictures(std::size_t k) {
    const Format &first = info_of(0, 0).format, &own = info_of(k, 0).format;
    const std::string& name = described_[k]->spec.name;
    if (!own.same_picture(first) || !(own.sample_aspect == first.sample_aspect))
      info.notes.push_back(fmt::format("{}: {} becomes {}, as on_change says", name, own.describe(),
                                       first.describe()));
    if (!(own.frame_rate == first.frame_rate))
      info.notes.push_back(fmt::format(
          "{}: {:.6g} fps, the first part {:.6g}: its pictures keep their times; a stage fps makes "
          "one rate of them",
          name, own.frame_rate.value(), first.frame_rate.value()));
    const Colour &a = first.colour, &b = own.colour;
    if (a.primaries != b.primaries || a.transfer != b.transfer || a.matrix != b.matrix)
      info.losses.push_back(
          fmt::format("{}: has other colour tags than the first part, and is not converted", name));
  }

  void tell_silence(std::size_t k) {
    for (std::size_t i = 0; i < streams_.size(); ++i)
      if (streams_[i].of_part[k] < 0 && info_of(streams_[i].like, i).kind == StreamKind::audio)
        info.notes.push_back(fmt::format("{}: has no sound #{}: silence, where it is encoded",
                                         described_[k]->spec.name, i));
  }

  void tell_left_out(std::size_t k) {
    for (const StreamInfo& s : described_[k]->info.streams) {
      const bool is_joined = std::ranges::any_of(
          streams_, [&](const JoinedStream& stream) { return stream.of_part[k] == s.index; });
      if (s.taken && !is_joined)
        info.losses.push_back(
            fmt::format("{}: {}: concat joins the processed video, sound and "
                        "subtitles",
                        described_[k]->spec.name, s.describe()));
    }
  }

  void open(std::size_t k) {
    input_.emplace(described_[k]->spec, stop_);
    input_->take_diagnostics();  // told when it was described
    bool only_video = true;
    for (unsigned i = 1; i < context->nb_streams; ++i)
      only_video = only_video && context->streams[i]->discard == AVDISCARD_ALL;
    if (only_video) input_->ignore_other_streams();
  }

  // Of the part that is being read, to the whole's streams and clock. False if it is not joined.
  bool adopt(const AVPacket& from, AVPacket& packet) const {
    for (std::size_t i = 0; i < streams_.size(); ++i) {
      if (streams_[i].of_part[current_] != from.stream_index) continue;
      if (context->streams[i]->discard == AVDISCARD_ALL) return false;
      av::check(av_packet_ref(&packet, &from), info.name);
      place(packet, i);
      return true;
    }
    return false;
  }

  void place(AVPacket& packet, std::size_t i) const {
    const AVRational own = inner(current_, i).time_base;
    packet.stream_index = static_cast<int>(i);
    const std::int64_t begin = in_ticks(begins_[current_], time_bases_[i]);
    const auto moved = [&](std::int64_t time) {
      return time == AV_NOPTS_VALUE ? time : plus(rescaled(time, own, time_bases_[i]), begin);
    };
    packet.pts = moved(packet.pts);
    packet.dts = moved(packet.dts);
    packet.duration = rescaled(packet.duration, own, time_bases_[i]);
    packet.pos = -1;
    packet.dts = dts_in_part(current_, packet.pts, packet.dts, begin);
    const AVStream& stream = *context->streams[i];
    if (stream_kind(stream) == StreamKind::subtitle && packet.pts != AV_NOPTS_VALUE)
      packet.duration = std::min(
          packet.duration,
          minus(in_ticks(plus(begins_[current_], described_[current_]->length), time_bases_[i]),
                packet.pts));
    const Part& part = *parts_[current_];
    const Input::Ticks shown =
        i == 0 ? part.pictures
               : Input::Ticks{in_ticks(part.sound.first, time_bases_[i]), INT64_MAX};
    mark(packet, parts_[current_], is_outside(shown, packet.pts));
  }

  // Times of decoding never step back. Where a packet has no other time, its pictures' comes of it.
  static std::int64_t dts_in_part(std::size_t k, std::int64_t pts, std::int64_t dts,
                                  std::int64_t begin) {
    const bool may_move = k > 0 && dts != AV_NOPTS_VALUE && pts != AV_NOPTS_VALUE;
    return may_move ? std::max(dts, begin) : dts;
  }

  static bool is_outside(const Input::Ticks& shown, std::int64_t pts) {
    return pts != AV_NOPTS_VALUE && (pts < shown.first || pts >= shown.end);
  }

  // The scans of all parts, one after the other.
  using ScanPart = PacketScan (*)(const Input&);
  PacketScan scan_by(ScanPart look) const {
    PacketScan whole;
    whole.time_base = av::from_av(time_bases_[0]);
    auto parts = std::make_shared<std::vector<PacketScan>>();
    auto firsts = std::make_shared<std::vector<std::size_t>>();  // packets
    for (std::size_t k = 0; k < described_.size(); ++k) {
      firsts->push_back(whole.pts.size());
      parts->push_back(look(Input(described_[k]->spec, stop_)));
      add_scan(whole, parts->back(), k);
    }
    whole.is_key = [parts, firsts](std::size_t packet) {
      const auto k =
          static_cast<std::size_t>(std::ranges::upper_bound(*firsts, packet) - firsts->begin() - 1);
      return (*parts)[k].is_key(packet - (*firsts)[k]);
    };
    const bool is_by_index = std::ranges::any_of(
        *parts, [](const PacketScan& scan) { return static_cast<bool>(scan.read_all); });
    if (is_by_index)
      whole.read_all = [spec = spec_of_whole(), &stop = stop_] {
        return scan_all_packets(spec, stop);
      };
    return whole;
  }

  InputSpec spec_of_whole() const {
    InputSpec spec(info.name);
    for (const Described& part : described_) spec.taken.joined.push_back(part->spec);
    return spec;
  }

  void add_scan(PacketScan& whole, const PacketScan& part, std::size_t k) const {
    if (whole.obstacle.empty() && !part.obstacle.empty())
      whole.obstacle = fmt::format("{}: {}", described_[k]->spec.name, part.obstacle);
    const AVRational own = inner(k, 0).time_base, tick = time_bases_[0];
    const std::int64_t begin = in_ticks(begins_[k], tick);
    for (std::size_t i = 0; i < part.pts.size(); ++i) {
      const auto moved = [&](std::int64_t time) {
        return time == AV_NOPTS_VALUE ? time : plus(rescaled(time, own, tick), begin);
      };
      const std::int64_t pts = moved(part.pts[i]), dts = moved(part.dts[i]);
      if (is_outside(parts_[k]->pictures, pts)) whole.hidden.push_back(whole.pts.size());
      whole.pts.push_back(pts);
      whole.dts.push_back(dts_in_part(k, pts, dts, begin));
      whole.bytes.push_back(part.bytes[i]);
    }
  }

  const StopFlag& stop_;
  std::vector<Described> described_;
  std::vector<std::int64_t> begins_;  // AV_TIME_BASE ticks
  std::int64_t end_ = 0;
  std::vector<JoinedStream> streams_;
  std::vector<AVRational> time_bases_;  // of the streams
  std::vector<std::shared_ptr<const Part>> parts_;
  std::size_t current_ = 0;
  std::optional<Input> input_;
};

}  // namespace

std::unique_ptr<Compound> open_joined(const InputSpec& spec, const StopFlag& stop) {
  return std::make_unique<JoinedSource>(spec, stop);
}

}  // namespace quadrant
