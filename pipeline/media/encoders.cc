// SPDX-License-Identifier: MIT
#include "pipeline/media/encoders.h"

#include <algorithm>
#include <array>

extern "C" {
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
}

#include "pipeline/media/av.h"
#include "pipeline/media/log.h"
#include "pipeline/media/output_plan.h"
#include "pipeline/media/standard_output.h"

namespace quadrant {
namespace {

const AVOutputFormat& muxer(const std::string& container) {
  const AVOutputFormat* found = av_guess_format(container.c_str(), nullptr, nullptr);
  if (!found) fail(Fault::usage, "the installed libavformat has no muxer {}", container);
  return *found;
}

// Muxers of single pictures write whatever they are given, and readers go by the file's extension.
// Some others take their own codec alone, and say so no earlier than with the header.
void refuse_other_pictures(const AVCodec& encoder, const std::string& container,
                           const std::string& path) {
  constexpr std::array<std::string_view, 3> own_only = {"gif", "webp", "apng"};
  if (!makes_images(container) && std::ranges::find(own_only, container) == own_only.end()) return;
  const AVCodecID meant =
      av_guess_codec(&muxer(container), nullptr, path.c_str(), nullptr, AVMEDIA_TYPE_VIDEO);
  if (meant != encoder.id)
    fail(Fault::usage,
         "codec: {} would hold {}, which {} makes, and its name says {}; leave codec and its "
         "options out, or write codec: {}",
         path, avcodec_get_name(encoder.id), encoder.name, avcodec_get_name(meant),
         avcodec_get_name(meant));
}

bool is_hardware(PixelFormat format) {
  const AVPixFmtDescriptor* found = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(format.value()));
  return found && found->flags & AV_PIX_FMT_FLAG_HWACCEL;
}

bool takes_hardware_frames_only(const AVCodec& encoder) {
  const std::vector<PixelFormat> taken = pixel_formats_of(encoder.name);
  return !taken.empty() && std::ranges::all_of(taken, is_hardware);
}

void refuse_hardware_frames(const AVCodec& encoder) {
  if (!takes_hardware_frames_only(encoder)) return;
  std::string others;
  void* at = nullptr;
  while (const AVCodec* other = av_codec_iterate(&at))
    if (other->id == encoder.id && av_codec_is_encoder(other) &&
        !takes_hardware_frames_only(*other) &&
        !(other->capabilities & (AV_CODEC_CAP_HARDWARE | AV_CODEC_CAP_HYBRID)))
      others += std::string(others.empty() ? "; " : ", ") + other->name;
  fail(Fault::usage, "codec: {} needs hardware frames, which are not supported{}{}", encoder.name,
       others,
       others.empty()                          ? ""
       : others.find(',') == std::string::npos ? " does not"
                                               : " do not");
}

}  // namespace

std::string container_for(const std::string& path, const std::string& wanted) {
  const AVOutputFormat* found = wanted == "auto"
                                    ? av_guess_format(nullptr, path.c_str(), nullptr)
                                    : av_guess_format(wanted.c_str(), nullptr, nullptr);
  if (!found && wanted != "auto")
    fail(Fault::usage, "container: the installed libavformat has no muxer {}", wanted);
  if (!found && is_standard_output(path))
    fail(Fault::usage,
         "path: standard output has no name that tells the container; set output.container, e.g. "
         "--set output.container=matroska");
  if (!found)
    fail(
        Fault::usage,
        "path: {} has no extension that names a container; end it in .mp4, .mkv ... (a directory's "
        "outputs are DIR/{{stem}}.mp4) or set output.container",
        path);
  const std::string name =
      std::string(found->name).substr(0, std::string_view(found->name).find(','));
  if (found->flags & AVFMT_NOFILE && !name.starts_with("image2") && !writes_nothing(name))
    fail(Fault::usage,
         "container: {} writes several files or none, and an output is one file; write mp4 or ts, "
         "and "
         "package it afterwards",
         name);
  return name;
}

std::string encoder_named(const std::string& wanted, StreamKind kind, const std::string& container,
                          const std::string& path) {
  const AVMediaType type = kind == StreamKind::audio ? AVMEDIA_TYPE_AUDIO : AVMEDIA_TYPE_VIDEO;
  const AVCodec* found = nullptr;
  if (wanted == "auto") {
    found = avcodec_find_encoder(
        av_guess_codec(&muxer(container), nullptr, path.c_str(), nullptr, type));
    if (!found)
      fail(Fault::usage, "codec: {} has no usual {} encoder; name one", container, name_of(kind));
  } else {
    found = avcodec_find_encoder_by_name(wanted.c_str());
    const AVCodecDescriptor* codec = avcodec_descriptor_get_by_name(wanted.c_str());
    if (!found && codec) found = avcodec_find_encoder(codec->id);
    if (!found || found->type != type)
      fail(Fault::usage,
           "codec: the installed libavcodec has no {} encoder {}; `ffmpeg -encoders` lists them",
           name_of(kind), wanted);
  }
  if (type == AVMEDIA_TYPE_VIDEO) refuse_hardware_frames(*found);
  if (avformat_query_codec(&muxer(container), found->id, FF_COMPLIANCE_EXPERIMENTAL) == 0)
    fail(Fault::usage, "codec: {} cannot hold {}, which {} makes", container,
         avcodec_get_name(found->id), found->name);
  if (type == AVMEDIA_TYPE_VIDEO) refuse_other_pictures(*found, container, path);
  return found->name;
}

unsigned codec_tag_named(const std::string& name, const std::string& container,
                         const std::string& encoder) {
  constexpr std::array<std::string_view, 6> marking = {"mp4", "mov", "ipod", "3gp", "f4v", "avi"};
  if (std::ranges::find(marking, container) == marking.end())
    fail(Fault::usage, "tag: {} does not mark codecs by tags; leave it out", container);
  const AVCodecID codec = avcodec_find_encoder_by_name(encoder.c_str())->id;
  const AVCodecTag* const* known = muxer(container).codec_tag;
  unsigned tag = 0;
  for (std::size_t i = 0; i < name.size() && name.size() == 4; ++i)
    tag |= static_cast<unsigned>(static_cast<unsigned char>(name[i])) << (8 * i);
  if (tag == 0 || av_codec_get_id(known, tag) != codec) {
    char usual[AV_FOURCC_MAX_STRING_SIZE] = {};
    fail(Fault::usage, "tag: {} knows no '{}' for {}; its usual one is '{}'", container, name,
         avcodec_get_name(codec), av_fourcc_make_string(usual, av_codec_get_tag(known, codec)));
  }
  return tag;
}

std::vector<PixelFormat> pixel_formats_of(const std::string& encoder) {
  const AVCodec* codec = avcodec_find_encoder_by_name(encoder.c_str());
  const AVPixelFormat* formats = nullptr;
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(61, 13, 100)
  avcodec_get_supported_config(nullptr, codec, AV_CODEC_CONFIG_PIX_FORMAT, 0,
                               reinterpret_cast<const void**>(&formats), nullptr);
#else
  formats = codec->pix_fmts;
#endif
  std::vector<PixelFormat> found;
  for (; formats && *formats != AV_PIX_FMT_NONE; ++formats) found.emplace_back(*formats);
  return found;
}

void check_pixel_format(const std::string& encoder, const std::string& name) {
  const PixelFormat asked = PixelFormat::named(name);
  const std::vector<PixelFormat> taken = pixel_formats_of(encoder);
  if (asked.none()) fail(Fault::usage, "pixel_format: libavutil knows no {}", name);
  if (is_hardware(asked))
    fail(Fault::usage, "pixel_format: {} means hardware frames, which are not supported", name);
  if (taken.empty() || std::ranges::find(taken, asked) != taken.end()) return;
  std::string names;
  for (PixelFormat p : taken) names += " " + p.name();
  fail(Fault::usage, "pixel_format: {} does not take {}; it takes{}", encoder, name, names);
}

PixelFormat choose_pixel_format(const std::string& encoder, const std::string& wanted,
                                const Format& result) {
  if (wanted != "auto") return PixelFormat::named(wanted);
  const std::vector<PixelFormat> taken = pixel_formats_of(encoder);
  if (taken.empty() || std::ranges::find(taken, result.pixels) != taken.end()) return result.pixels;
  AVPixelFormat best = AV_PIX_FMT_NONE;
  for (PixelFormat p : taken)
    best = av_find_best_pix_fmt_of_2(best, static_cast<AVPixelFormat>(p.value()),
                                     static_cast<AVPixelFormat>(result.pixels.value()),
                                     result.pixels.has_alpha(), nullptr);
  return PixelFormat(best);
}

bool counts_frames(const std::string& encoder, const std::string& container) {
  constexpr std::array counting = {
      AV_CODEC_ID_MPEG1VIDEO, AV_CODEC_ID_MPEG2VIDEO, AV_CODEC_ID_H263,    AV_CODEC_ID_H263P,
      AV_CODEC_ID_THEORA,     AV_CODEC_ID_DNXHD,      AV_CODEC_ID_DVVIDEO, AV_CODEC_ID_SNOW};
  constexpr std::array<std::string_view, 7> containers = {"avi",          "mxf", "gxf",    "dv",
                                                          "yuv4mpegpipe", "swf", "mxf_d10"};
  const AVCodec* codec = avcodec_find_encoder_by_name(encoder.c_str());
  return std::ranges::find(counting, codec->id) != counting.end() ||
         std::ranges::find(containers, container) != containers.end();
}

bool controls_rate_by_ticks(const std::string& encoder) {
  constexpr std::array ids = {AV_CODEC_ID_MPEG4,     AV_CODEC_ID_FLV1, AV_CODEC_ID_MSMPEG4V2,
                              AV_CODEC_ID_MSMPEG4V3, AV_CODEC_ID_WMV1, AV_CODEC_ID_WMV2};
  return std::ranges::find(ids, avcodec_find_encoder_by_name(encoder.c_str())->id) != ids.end();
}

Rational possible_time_base(const std::string& encoder, Rational wanted) {
  constexpr int most_in_mpeg4 = 65535;  // its header has 16 bits for the ticks per second
  if (avcodec_find_encoder_by_name(encoder.c_str())->id != AV_CODEC_ID_MPEG4) return wanted;
  Rational possible;
  av_reduce(&possible.num, &possible.den, wanted.num, wanted.den, most_in_mpeg4);
  return possible;
}

bool needs_full_range(const std::string& encoder) {
  const AVCodecID id = avcodec_find_encoder_by_name(encoder.c_str())->id;
  return id == AV_CODEC_ID_MJPEG || id == AV_CODEC_ID_AMV;
}

bool is_always_bt601(const std::string& encoder) {
  return needs_full_range(encoder) ||
         avcodec_find_encoder_by_name(encoder.c_str())->id == AV_CODEC_ID_WEBP;
}

bool writes_nothing(const std::string& container) { return container == "null"; }

bool makes_images(const std::string& container) {
  return muxer(container).flags & AVFMT_NOFILE && container.starts_with("image2");
}

}  // namespace quadrant
