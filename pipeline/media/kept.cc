// SPDX-License-Identifier: MIT
#include "pipeline/media/kept.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <optional>

extern "C" {
#include <libavutil/display.h>
#include <libavutil/pixdesc.h>
}

#include "pipeline/media/encode.h"
#include "pipeline/media/log.h"
#include "pipeline/media/mux_streams.h"
#include "pipeline/media/stream_info.h"

namespace quadrant {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Change = std::function<void(AVFormatContext&, AVStream&)>;

// Nothing if the muxer refuses.
std::optional<Bytes> written_header(AVFormatContext& context) {
  if (avio_open_dyn_buf(&context.pb) < 0) return std::nullopt;
  av::Dictionary options;
  options.set("movflags", "empty_moov");  // else MP4 says nothing before the trailer
  const bool taken = avformat_write_header(&context, options.get()) >= 0;
  std::uint8_t* memory = nullptr;
  const int size = avio_close_dyn_buf(context.pb, &memory);
  context.pb = nullptr;
  Bytes bytes(memory, memory + size);
  av_freep(&memory);
  take_libav_error();
  return taken ? std::optional(bytes) : std::nullopt;
}

// A file of one stream, as the output will have it.
class Trial {
 public:
  Trial(std::string container, const AVStream& in, const AVCodecContext* encoder)
      : container_(std::move(container)), in_(in), encoder_(encoder), plain_(header({})) {}

  // False only if it is certain that nothing is written of what `change` does.
  bool writes(const Change& change) const { return !plain_ || header(change) != plain_; }

 private:
  std::optional<Bytes> header(const Change& change) const {
    AVFormatContext* context = new_output_context(container_);
    const std::unique_ptr<AVFormatContext, void (*)(AVFormatContext*)> owner(context,
                                                                             avformat_free_context);
    if (context->oformat->flags & AVFMT_NOFILE) return std::nullopt;
    AVStream* out =
        encoder_ ? add_encoded_stream(*context, *encoder_, in_) : add_copied_stream(*context, in_);
    out->disposition = 0;
    drop_side_data(*out);
    if (change) change(*context, *out);
    return written_header(*context);
  }

  std::string container_;
  const AVStream& in_;
  const AVCodecContext* encoder_;
  std::optional<Bytes> plain_;
};

Change with_side_data(const AVStream& in, AVPacketSideDataType type) {
  return [&in, type](AVFormatContext&, AVStream& out) { copy_side_data(out, in, type); };
}

Change with_tag(const char* name, const char* value) {
  return [=](AVFormatContext&, AVStream& out) { av_dict_set(&out.metadata, name, value, 0); };
}

std::string lost(const std::string& what, const std::string& container) {
  return fmt::format("{}: lost, {} does not hold it", what, container);
}

std::string rotation_of(const AVStream& in) {
  const auto* matrix =
      reinterpret_cast<const std::int32_t*>(stream_side_data(in, AV_PKT_DATA_DISPLAYMATRIX));
  const double degrees = matrix ? -av_display_rotation_get(matrix) : 0;
  return fmt::format("rotation by {:g} degrees (the rotate stage turns the picture itself)",
                     std::round(degrees) + 0.0);
}

// Codecs that say these things in every picture, beside their extradata.
bool tells_in_band(const std::string& encoder) {
  constexpr std::array ids = {AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_CODEC_ID_MPEG2VIDEO,
                              AV_CODEC_ID_AV1, AV_CODEC_ID_PRORES};
  return std::ranges::find(ids, avcodec_find_encoder_by_name(encoder.c_str())->id) != ids.end();
}

// MPEG-TS writes its tables with the first packet only, so its header tells nothing of what they
// hold.
bool in_tables_of_ts(const std::string& container, const AVStream& in, std::string_view property) {
  const bool video = in.codecpar->codec_type == AVMEDIA_TYPE_VIDEO;
  return container == "mpegts" && !video &&
         (property == "language" || property == "hearing_impaired" ||
          property == "visual_impaired");
}

bool in_tables_of_ts(const std::string& container, std::string_view tag) {
  return container == "mpegts" &&
         (tag == "title" || tag == "service_name" || tag == "service_provider");
}

// Encoders that are told to code fields say their order in the pictures.
bool codes_fields(const VideoEncoding& video) {
  const Encoder encoder(video, true);
  return encoder.av().flags & (AV_CODEC_FLAG_INTERLACED_DCT | AV_CODEC_FLAG_INTERLACED_ME);
}

bool has_colour_tags(const Colour& c) {
  return c.primaries != 2 || c.transfer != 2 || c.matrix > 2 || c.matrix == 1;
}

std::string colour_text(const Colour& c) {
  return fmt::format("colour tags (primaries {}, transfer {}, matrix {})",
                     av_color_primaries_name(static_cast<AVColorPrimaries>(c.primaries)),
                     av_color_transfer_name(static_cast<AVColorTransferCharacteristic>(c.transfer)),
                     av_color_space_name(static_cast<AVColorSpace>(c.matrix)));
}

bool same_extradata(const AVCodecContext& a, const AVCodecContext& b) {
  return a.extradata_size == b.extradata_size &&
         std::equal(a.extradata, a.extradata + a.extradata_size, b.extradata);
}

}  // namespace

std::vector<std::string> lost_of_stream(const std::string& container, const AVStream& in,
                                        const AVCodecContext* encoder, bool metadata) {
  struct SideData {
    AVPacketSideDataType type;
    std::string what;
  };
  const std::array kinds = {
      SideData{AV_PKT_DATA_DISPLAYMATRIX, rotation_of(in)},
      SideData{AV_PKT_DATA_MASTERING_DISPLAY_METADATA, "HDR mastering display"},
      SideData{AV_PKT_DATA_CONTENT_LIGHT_LEVEL, "HDR content light level"},
      SideData{AV_PKT_DATA_STEREO3D, "stereo 3D"},
      SideData{AV_PKT_DATA_SPHERICAL, "spherical projection"}};
  const Trial trial(container, in, encoder);
  std::vector<std::string> losses;
  for (const SideData& kind : kinds)
    if (stream_side_data(in, kind.type) && !trial.writes(with_side_data(in, kind.type)))
      losses.push_back(lost(kind.what, container));
  for (const char* name : {"language", "title"}) {
    const AVDictionaryEntry* tag = metadata ? av_dict_get(in.metadata, name, nullptr, 0) : nullptr;
    if (tag && std::string_view(tag->value) != "und" && !in_tables_of_ts(container, in, name) &&
        !trial.writes(with_tag(name, tag->value)))
      losses.push_back(lost(fmt::format("{} {}", name, tag->value), container));
  }
  for (int role : {AV_DISPOSITION_FORCED, AV_DISPOSITION_COMMENT, AV_DISPOSITION_HEARING_IMPAIRED,
                   AV_DISPOSITION_VISUAL_IMPAIRED, AV_DISPOSITION_ORIGINAL, AV_DISPOSITION_DUB,
                   AV_DISPOSITION_LYRICS, AV_DISPOSITION_KARAOKE, AV_DISPOSITION_CAPTIONS})
    if (in.disposition & role && !in_tables_of_ts(container, in, av_disposition_to_string(role)) &&
        !trial.writes([role](AVFormatContext&, AVStream& out) { out.disposition = role; }))
      losses.push_back(lost(fmt::format("role {}", av_disposition_to_string(role)), container));
  return losses;
}

std::vector<std::string> lost_of_picture(const std::string& container, const AVStream& in,
                                         const VideoEncoding& video) {
  const auto kept = [&](const Format& without) {
    VideoEncoding bare = video;
    bare.format = without;
    const Encoder a(video, true), b(bare, true);
    const Trial trial(container, in, &b.av());
    return !same_extradata(a.av(), b.av()) || trial.writes([&](AVFormatContext&, AVStream& out) {
      av::check(avcodec_parameters_from_context(out.codecpar, &a.av()), "stream");
      out.sample_aspect_ratio = a.av().sample_aspect_ratio;
    });
  };
  std::vector<std::string> losses;
  const Format& f = video.format;
  Format bare = f;
  bare.field_order = AV_FIELD_UNKNOWN;
  if (f.interlaced() && !codes_fields(video) && !kept(bare))
    losses.push_back(lost("field order (an interlaced picture is written as a progressive one)",
                          video.encoder + " in " + container));
  if (tells_in_band(video.encoder)) return losses;
  bare = f;
  bare.colour = {.range = f.colour.range, .chroma_location = f.colour.chroma_location};
  if (!f.pixels.is_rgb() && has_colour_tags(f.colour) && !kept(bare))
    losses.push_back(lost(colour_text(f.colour), video.encoder + " in " + container));
  bare = f;
  bare.sample_aspect = {0, 1};
  if (f.sample_aspect.num > 0 && f.sample_aspect.num != f.sample_aspect.den && !kept(bare))
    losses.push_back(
        lost(fmt::format("sample aspect ratio {}:{}", f.sample_aspect.num, f.sample_aspect.den),
             video.encoder + " in " + container));
  return losses;
}

std::vector<std::string> lost_of_file(const std::string& container, const AVFormatContext& input,
                                      const AVCodecContext& video, const AVStream& in) {
  const Trial trial(container, in, &video);
  AVFormatContext* all = new_output_context(container);
  copy_metadata(*all, input);
  std::string names;
  const AVDictionaryEntry* tag = nullptr;
  while ((tag = av_dict_get(all->metadata, "", tag, AV_DICT_IGNORE_SUFFIX)) != nullptr) {
    const bool kept = in_tables_of_ts(container, tag->key) ||
                      trial.writes([tag](AVFormatContext& out, AVStream&) {
                        av_dict_set(&out.metadata, tag->key, tag->value, 0);
                      });
    if (!kept) names += (names.empty() ? "" : ", ") + std::string(tag->key);
  }
  avformat_free_context(all);
  if (names.empty()) return {};
  return {fmt::format("metadata {}: lost, {} does not hold {}", names, container,
                      names.find(',') == std::string::npos ? "it" : "them")};
}

}  // namespace quadrant
