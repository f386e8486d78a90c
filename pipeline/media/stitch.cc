// SPDX-License-Identifier: MIT
#include "pipeline/media/stitch.h"

#include <algorithm>
#include <array>
#include <optional>
#include <queue>

#include "pipeline/media/av.h"
#include "pipeline/media/encode.h"
#include "pipeline/media/mux.h"
#include "pipeline/media/packet_file.h"
#include "pipeline/media/ticks.h"
#include "pipeline/media/transcoder.h"

namespace quadrant {
namespace {

// The number of pictures that the encoder takes before its first packet: that many packets have
// decoding times before the first picture's pts. (Not every wrapper sets
// AVCodecContext.has_b_frames: libx265's does not.)
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

using IsWhole = Stitcher::IsWhole;

// The packets of several files in sequence, as far as the files exist.
class PacketRow {
 public:
  explicit PacketRow(std::vector<std::string> files) : files_(std::move(files)) {}

  // The next packet; null at the end, and while the next file is not complete.
  Coded* head(const IsWhole& is_whole) {
    while (!head_) {
      if (reader_ && (head_ = reader_->read())) break;
      reader_.reset();
      if (!waits() || !is_whole(files_[file_])) return nullptr;
      reader_.emplace(files_[file_++]);
    }
    return &*head_;
  }
  bool waits() const { return !head_ && file_ < files_.size(); }  // after head() returned null
  void pop() { head_.reset(); }
  const std::string& file() const { return files_[file_ - 1]; }  // the file of head()

 private:
  std::vector<std::string> files_;
  std::size_t file_ = 0;
  std::optional<PacketReader> reader_;
  std::optional<Coded> head_;
};

// The packets of all segments, with decoding times across them.
class VideoPackets {
 public:
  explicit VideoPackets(std::vector<std::string> files) : row_(std::move(files)) {}

  Coded* head(const IsWhole& is_whole) {
    Coded* coded = row_.head(is_whole);
    if (!coded || std::exchange(timed_, true)) return coded;
    if (!depth_) depth_ = reorder_depth(row_.file());
    set_dts(*coded->packet.av());
    return coded;
  }
  bool waits() const { return row_.waits(); }
  void pop() {
    row_.pop();
    timed_ = false;
  }

 private:
  // The first D packets have no picture D places earlier: they keep the encoder's times.
  void set_dts(AVPacket& packet) {
    shown_.push(packet.pts);
    if (shown_.size() <= *depth_) return;
    packet.dts = shown_.top();
    shown_.pop();
    if (packet.dts > packet.pts || (last_ && packet.dts <= *last_))
      fail(Fault::input,
           "{}: its packets are reordered deeper than the encoder said, so segments "
           "cannot be put together; set output.video.segment to none",
           row_.file());
    last_ = packet.dts;
  }

  PacketRow row_;
  bool timed_ = false;  // is head() done?
  std::optional<std::size_t> depth_;
  std::priority_queue<std::int64_t, std::vector<std::int64_t>, std::greater<>> shown_;
  std::optional<std::int64_t> last_;
};

Muxer open_muxer(const Input& input, const OutputPlan& plan, const std::string& path) {
  const Encoder encoder(plan.video, needs_global_header(plan.container));
  const Transcoders transcoders = open_transcoders(input, plan);
  Muxer muxer(input, plan, encoder, transcoders);
  muxer.open(path);
  return muxer;
}

// Codecs whose pictures after a segment's first need nothing before it, and whose encoders always
// start in the same way: each was tested.
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
  return rescaled(segment.begin, av::to_av(time_base), av::to_av(video.format.time_base));
}

struct Stitcher::Impl {
  Muxer muxer;
  VideoPackets video;
  PacketRow rest;
  std::string name;  // of the input
};

Stitcher::Stitcher(const Input& input, const OutputPlan& plan, PacketFiles parts,
                   const std::string& path)
    : impl_(new Impl{open_muxer(input, plan, path), VideoPackets(std::move(parts.segments)),
                     PacketRow({std::move(parts.rest)}), input.info().name}) {}

Stitcher::~Stitcher() = default;

void Stitcher::advance(const IsWhole& is_whole, const StopFlag& stop) {
  auto& [muxer, video, rest, name] = *impl_;
  for (;;) {
    const Coded* picture = video.head(is_whole);
    const Coded* other = rest.head(is_whole);
    if (video.waits() || rest.waits() || !(picture || other)) return;
    if (stop.raised()) fail(Fault::stopped, "{}: stopped", name);
    stop.got_on();
    const bool take_picture = picture && (!other || muxer.comes_first(*picture, *other));
    muxer.write(take_picture ? *picture : *other);
    take_picture ? video.pop() : rest.pop();
  }
}

void Stitcher::finish(const StopFlag& stop) {
  advance([](const std::string&) { return true; }, stop);
  impl_->muxer.finish();
}

}  // namespace quadrant
