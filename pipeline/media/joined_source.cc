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
#include <optional>

#include "pipeline/media/compound.h"
#include "pipeline/media/joined_parts.h"
#include "pipeline/media/stream_info.h"
#include "pipeline/media/ticks.h"

namespace quadrant {
namespace {

class JoinedSource final : public Compound {
 public:
  JoinedSource(const InputSpec& spec, const StopFlag& stop)
      : stop_(stop), joined_(spec.taken.joined, stop) {
    for (std::size_t k = 0; k < joined_.size(); ++k) parts_.push_back(joined_.make_part(k));
    const DescribedInput& first = *joined_.described.front();
    context = joined_.context(0);
    context->duration = joined_.end;
    av_dict_copy(&context->metadata, first.context->metadata, 0);
    joined_.add_chapters(*context);
    info = joined_.describe_whole(spec.name);
    info.chapters = static_cast<int>(context->nb_chapters);
    first_picture = properties_of(first.first_picture.get());
  }

  bool read(AVPacket& packet) override {
    while (current_ < joined_.size()) {
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
    std::size_t k = 0;
    while (time != INT64_MIN && k + 1 < joined_.size() && joined_.begin(k + 1, 0) <= time) ++k;
    current_ = k;
    open(k);
    if (time == INT64_MIN) return true;
    const std::int64_t in_part = std::max<std::int64_t>(minus(time, joined_.begin(k, 0)), 0);
    return input_->seek(av_rescale_q_rnd(in_part, joined_.time_bases[0],
                                         joined_.inner(k, 0).time_base, AV_ROUND_DOWN));
  }

  bool is_seekable() const override {
    return std::ranges::all_of(joined_.described,
                               [](const auto& part) { return part->is_seekable; });
  }

  // The scans of all parts, one after the other.
  PacketScan scan() const override {
    PacketScan whole;
    whole.time_base = av::from_av(joined_.time_bases[0]);
    auto parts = std::make_shared<std::vector<PacketScan>>();
    auto firsts = std::make_shared<std::vector<std::size_t>>();  // packets
    for (std::size_t k = 0; k < joined_.size(); ++k) {
      firsts->push_back(whole.pts.size());
      parts->push_back(scan_packets(Input(joined_.described[k]->spec, stop_)));
      add_scan(whole, parts->back(), k);
    }
    whole.is_key = [parts, firsts](std::size_t packet) {
      const auto k =
          static_cast<std::size_t>(std::ranges::upper_bound(*firsts, packet) - firsts->begin() - 1);
      return (*parts)[k].is_key(packet - (*firsts)[k]);
    };
    return whole;
  }

  std::int64_t silent_until(int stream) const override {
    const JoinedStream& s = joined_.streams[static_cast<std::size_t>(stream)];
    return s.of_part.back() < 0 ? joined_.end : INT64_MIN;
  }

 private:
  void open(std::size_t k) {
    input_.emplace(joined_.described[k]->spec, stop_);
    input_->take_diagnostics();  // told when it was described
    bool only_video = true;
    for (unsigned i = 1; i < context->nb_streams; ++i)
      only_video = only_video && context->streams[i]->discard == AVDISCARD_ALL;
    if (only_video) input_->ignore_other_streams();
  }

  // Of the part that is being read, to the whole's streams and clock. False if it is not joined.
  bool adopt(const AVPacket& from, AVPacket& packet) const {
    for (std::size_t i = 0; i < joined_.streams.size(); ++i) {
      if (joined_.streams[i].of_part[current_] != from.stream_index) continue;
      if (context->streams[i]->discard == AVDISCARD_ALL) return false;
      av::check(av_packet_ref(&packet, &from), info.name);
      place(packet, i);
      return true;
    }
    return false;
  }

  void place(AVPacket& packet, std::size_t i) const {
    const AVRational own = joined_.inner(current_, i).time_base, tick = joined_.time_bases[i];
    packet.stream_index = static_cast<int>(i);
    const std::int64_t begin = joined_.begin(current_, i);
    const auto moved = [&](std::int64_t time) {
      return time == AV_NOPTS_VALUE ? time : plus(rescaled(time, own, tick), begin);
    };
    packet.pts = moved(packet.pts);
    packet.dts = moved(packet.dts);
    packet.duration = rescaled(packet.duration, own, tick);
    packet.pos = -1;
    packet.dts = dts_in_part(current_, packet.pts, packet.dts, begin);
    const AVStream& stream = *context->streams[i];
    if (stream_kind(stream) == StreamKind::subtitle && packet.pts != AV_NOPTS_VALUE)
      packet.duration = std::min(
          packet.duration,
          minus(in_ticks(plus(joined_.begins[current_], joined_.described[current_]->length), tick),
                packet.pts));
    const Part& part = *parts_[current_];
    const Input::Ticks shown =
        i == 0 ? part.pictures : Input::Ticks{in_ticks(part.sound.first, tick), INT64_MAX};
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

  void add_scan(PacketScan& whole, const PacketScan& part, std::size_t k) const {
    if (whole.obstacle.empty() && !part.obstacle.empty())
      whole.obstacle = fmt::format("{}: {}", joined_.name(k), part.obstacle);
    const AVRational own = joined_.inner(k, 0).time_base, tick = joined_.time_bases[0];
    const std::int64_t begin = joined_.begin(k, 0);
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
  JoinedParts joined_;
  std::vector<std::shared_ptr<const Part>> parts_;
  std::size_t current_ = 0;
  std::optional<Input> input_;
};

}  // namespace

std::unique_ptr<Compound> open_joined(const InputSpec& spec, const StopFlag& stop) {
  return std::make_unique<JoinedSource>(spec, stop);
}

}  // namespace quadrant
