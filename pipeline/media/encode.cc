// SPDX-License-Identifier: MIT
#include "pipeline/media/encode.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "pipeline/contract/frame.h"
#include "pipeline/media/av.h"
#include "pipeline/media/log.h"
#include "pipeline/media/ticks.h"

namespace quadrant {
namespace {

void apply(const Format& format, AVCodecContext& codec) {
  codec.width = format.width;
  codec.height = format.height;
  codec.pix_fmt = static_cast<AVPixelFormat>(format.pixels.value());
  codec.sample_aspect_ratio = av::to_av(format.sample_aspect);
  codec.color_range = static_cast<AVColorRange>(format.colour.range);
  codec.color_primaries = static_cast<AVColorPrimaries>(format.colour.primaries);
  codec.color_trc = static_cast<AVColorTransferCharacteristic>(format.colour.transfer);
  codec.colorspace = static_cast<AVColorSpace>(format.colour.matrix);
  codec.chroma_sample_location = static_cast<AVChromaLocation>(format.colour.chroma_location);
  codec.field_order = static_cast<AVFieldOrder>(format.field_order);
  codec.time_base = av::to_av(format.time_base);
  if (format.frame_rate.num > 0) codec.framerate = av::to_av(format.frame_rate);
}

// Most refusals are because of odd sizes with subsampled chroma.
std::string hint_for(const Format& f) {
  const bool odd = f.width % (1 << f.pixels.log2_chroma_width()) != 0 ||
                   f.height % (1 << f.pixels.log2_chroma_height()) != 0;
  if (!odd) return "";
  return fmt::format(
      "; {}x{} is odd: crop or pad it to even sizes, or set output.video.pixel_format to one "
      "without reduced chroma",
      f.width, f.height);
}

std::string lack(const std::string& encoder, int code, const std::string& reason) {
  return fmt::format("{} cannot work: {}; memory or threads are lacking", encoder,
                     reason.empty() ? av::error_text(code) : reason);
}

// Takes libav's line, which was cleared before the call.
void check_encoding(int code, const AVCodecContext& codec) {
  if (code >= 0) return;
  const std::string reason = take_libav_error();
  if (av::fault_of_library(code, reason) == Fault::temporary)
    fail(Fault::temporary, "{}", lack(codec.codec->name, code, reason));
  av::check(code, reason.empty() ? codec.codec->name : codec.codec->name + (": " + reason));
}

// As FFmpeg's -qscale.
void set_quality(AVCodecContext& codec, const std::string& scale) {
  codec.flags |= AV_CODEC_FLAG_QSCALE;
  codec.global_quality = static_cast<int>(std::lround(FF_QP2LAMBDA * std::stod(scale)));
}

}  // namespace

Encoder::Encoder(const VideoEncoding& encoding, bool global_header, std::int64_t origin)
    : origin_(origin) {
  take_libav_error();
  const AVCodec* encoder = avcodec_find_encoder_by_name(encoding.encoder.c_str());
  codec_.reset(av::not_null(avcodec_alloc_context3(encoder)));
  apply(encoding.format, *codec_);
  codec_->thread_count = encoding.threads;
  codec_->flags |= AV_CODEC_FLAG_BITEXACT;  // no library version or time in the stream
  if (global_header) codec_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  av::Dictionary options;
  for (const auto& [name, value] : encoding.options)
    if (name == "qscale")
      set_quality(*codec_, value);
    else
      options.set(name, value);
  if (const int code = avcodec_open2(codec_.get(), encoder, options.get()); code < 0) {
    const std::string reason = take_libav_error();
    const Fault fault = av::fault_of_library(code, reason);
    if (fault == Fault::temporary) fail(fault, "{}", lack(encoding.encoder, code, reason));
    fail(fault, "{} does not take {}: {}{}", encoding.encoder, encoding.format.describe(),
         reason.empty() ? av::error_text(code) : reason, hint_for(encoding.format));
  }
}

// Freeing SVT-AV1 hangs forever unless it was flushed, which failed or merely planned encodings
// never do; and flushing works only after a frame.
Encoder::~Encoder() {
  if (ended_ || std::string_view(codec_->codec->name) != "libsvtav1") return;
  const av::FramePtr blank(av_frame_alloc());
  if (!blank) return;
  blank->format = codec_->pix_fmt;
  blank->width = codec_->width;
  blank->height = codec_->height;
  if (!began() && av_frame_get_buffer(blank.get(), 0) >= 0)
    avcodec_send_frame(codec_.get(), blank.get());
  avcodec_send_frame(codec_.get(), nullptr);
}

void Encoder::FreeCodec::operator()(AVCodecContext* codec) const { avcodec_free_context(&codec); }

Rational Encoder::time_base() const { return av::from_av(codec_->time_base); }

void Encoder::encode(const Frame& frame, const std::function<void(Packet)>& emit) {
  if (!frame && !began()) return;  // nothing to flush
  Frame timed;
  ended_ |= !frame;
  if (frame) {
    const AVRational from = av::to_av(frame.format().time_base), to = codec_->time_base;
    const std::int64_t pts =
        std::max(minus(rescaled(frame.pts(), from, to), origin_), plus(last_pts_, 1));
    const std::int64_t duration = rescaled(frame.duration(), from, to);
    last_pts_ = pts;
    durations_[pts] = duration;
    timed = frame.at(pts, duration);
    timed.av()->pict_type = AV_PICTURE_TYPE_NONE;  // the encoder decides, not the input
    if (codec_->flags & AV_CODEC_FLAG_QSCALE) timed.av()->quality = codec_->global_quality;
  }
  take_libav_error();
  check_encoding(avcodec_send_frame(codec_.get(), timed.av()), *codec_);
  receive(emit);
}

void Encoder::receive(const std::function<void(Packet)>& emit) {
  for (;;) {
    std::shared_ptr<AVPacket> packet = av::make_packet();
    const int code = avcodec_receive_packet(codec_.get(), packet.get());
    if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return;
    check_encoding(code, *codec_);
    if (const auto known = durations_.find(packet->pts); known != durations_.end()) {
      if (packet->duration == 0) packet->duration = known->second;
      durations_.erase(known);
    }
    packet->pts = plus(packet->pts, origin_);
    if (packet->dts != AV_NOPTS_VALUE) packet->dts = plus(packet->dts, origin_);
    emit(Packet(std::move(packet)));
  }
}

}  // namespace quadrant
