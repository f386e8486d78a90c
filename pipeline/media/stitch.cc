// SPDX-License-Identifier: MIT
#include "pipeline/media/stitch.h"

#include <algorithm>
#include <array>
#include <optional>
#include <queue>

#include "pipeline/media/audio.h"
#include "pipeline/media/encode.h"
#include "pipeline/media/mux.h"
#include "pipeline/media/packet_file.h"

namespace quadrant {
namespace {

// How many pictures the encoder takes before it gives the first: so many packets have decoding times
// before the first picture's pts. (Not every wrapper sets AVCodecContext.has_b_frames: libx265's
// does not.)
std::size_t reorder_depth(const std::string& file) {
  PacketReader packets(file);
  std::size_t depth = 0;
  std::int64_t first = AV_NOPTS_VALUE;
  while (std::optional<Coded> coded = packets.read()) {
    const AVPacket& packet = *coded->packet.av();
    if (first == AV_NOPTS_VALUE) first = packet.pts;
    if (packet.dts == AV_NOPTS_VALUE || packet.dts >= first) break;
    ++depth;
  }
  return depth;
}

// The packets of all segments, one after another, with decoding times that span them.
class VideoPackets {
 public:
  explicit VideoPackets(const std::vector<std::string>& files)
      : files_(files), depth_(files.empty() ? 0 : reorder_depth(files.front())) {}

  std::optional<Coded> read() {
    std::optional<Coded> coded = next();
    if (coded) set_dts(*coded->packet.av());
    return coded;
  }

 private:
  std::optional<Coded> next() {
    while (true) {
      if (reader_)
        if (std::optional<Coded> coded = reader_->read()) return coded;
      if (file_ == files_.size()) return std::nullopt;
      reader_.emplace(files_[file_++]);
    }
  }

  // The first D packets have no picture D places earlier: theirs are the encoder's own.
  void set_dts(AVPacket& packet) {
    shown_.push(packet.pts);
    if (shown_.size() <= depth_) return;
    packet.dts = shown_.top();
    shown_.pop();
    if (packet.dts > packet.pts || (last_ && packet.dts <= *last_))
      fail(Fault::input,
           "{}: its packets are reordered deeper than the encoder said, so segments "
           "cannot be put together; set output.video.segment to none",
           files_[file_ - 1]);
    last_ = packet.dts;
  }

  const std::vector<std::string>& files_;
  std::size_t depth_, file_ = 0;
  std::optional<PacketReader> reader_;
  std::priority_queue<std::int64_t, std::vector<std::int64_t>, std::greater<>> shown_;
  std::optional<std::int64_t> last_;
};

// Codecs whose pictures after a segment's first need nothing from before it, and whose encoders
// begin alike every time: each was tried.
bool begins_alike(AVCodecID id) {
  constexpr std::array known = {AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_CODEC_ID_VP8,
                                AV_CODEC_ID_VP9,  AV_CODEC_ID_AV1,  AV_CODEC_ID_MPEG4};
  const AVCodecDescriptor* codec = avcodec_descriptor_get(id);
  return std::ranges::find(known, id) != known.end() ||
         (codec && codec->props & AV_CODEC_PROP_INTRA_ONLY) || id == AV_CODEC_ID_FFV1;
}

bool names_a_rate(const std::string& name, const std::string& value) {
  constexpr std::array<std::string_view, 5> options = {"b", "maxrate", "minrate", "bufsize",
                                                       "pass"};
  if (std::ranges::find(options, name) != options.end()) return value != "0";
  if (name == "flags") return value.find("pass") != std::string::npos;
  if (!name.ends_with("-params") && name != "x264opts") return false;
  return std::ranges::any_of(
      std::array<std::string_view, 6>{"bitrate=", "vbv-", "pass=", "nal-hrd=", "tbr=", "rc="},
      [&](std::string_view key) { return value.find(key) != std::string::npos; });
}

}  // namespace

std::string stitch_obstacle(const std::string& encoder, const Options& options) {
  const AVCodec* codec = avcodec_find_encoder_by_name(encoder.c_str());
  if (!codec || !begins_alike(codec->id))
    return fmt::format("segments of {} have not been proven to fit together", encoder);
  for (const auto& [name, value] : options)
    if (names_a_rate(name, value))
      return fmt::format(
          "{}={} controls the rate over the whole film, and each segment would begin "
          "anew; ask for a quality (crf, qscale)",
          name, value);
  return "";
}

std::int64_t encoder_origin(const Segment& segment, const VideoEncoding& video,
                            Rational time_base) {
  if (segment.begin == Segment::start) return 0;
  return av_rescale_q(segment.begin, av::to_av(time_base), av::to_av(video.format.time_base));
}

void stitch(const Input& input, const OutputPlan& plan, const PacketFiles& parts,
            const std::string& path, const StopFlag& stop) {
  const Encoder encoder(plan.video, needs_global_header(plan.container));
  const Transcoders audio = open_transcoders(input, plan);
  Muxer muxer(input, plan, encoder, audio);
  muxer.open(path);
  VideoPackets video(parts.segments);
  PacketReader rest(parts.rest);
  std::optional<Coded> picture = video.read(), other = rest.read();
  while (picture || other) {
    if (stop.raised()) fail(Fault::stopped, "{}: stopped", input.info().name);
    stop.got_on();
    const bool take_picture = picture && (!other || muxer.comes_first(*picture, *other));
    std::optional<Coded>& taken = take_picture ? picture : other;
    muxer.write(*taken);
    taken = take_picture ? video.read() : rest.read();
  }
  muxer.finish();
}

}  // namespace quadrant
