// SPDX-License-Identifier: MIT
#include "pipeline/media/encoders.h"

#include <algorithm>
#include <array>
#include <charconv>

extern "C" {
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
}

#include "pipeline/media/av.h"
#include "pipeline/media/encode.h"
#include "pipeline/media/log.h"
#include "pipeline/media/output_plan.h"
#include "pipeline/media/reproducible.h"

namespace quadrant {
namespace {

const AVOutputFormat& muxer(const std::string& container) {
  const AVOutputFormat* found = av_guess_format(container.c_str(), nullptr, nullptr);
  if (!found) fail(Fault::usage, "the installed libavformat has no muxer {}", container);
  return *found;
}

std::string reason_or(const std::string& otherwise) {
  const std::string reason = take_libav_error();
  return reason.empty() ? otherwise : reason;
}

// Options that libavcodec passes on as text: only opening the encoder shows whether it knows them,
// and for unknown x264-params it only warns.
bool is_opaque(const std::string& encoder, const std::string& option) {
  constexpr std::array<std::string_view, 3> encoders = {"libx264", "libx264rgb", "libx265"};
  constexpr std::array<std::string_view, 7> options = {
      "preset", "tune", "profile", "level", "x264-params", "x264opts", "x265-params"};
  if (encoder == "libsvtav1") return option == "svtav1-params";
  return std::ranges::find(encoders, encoder) != encoders.end() &&
         std::ranges::find(options, option) != options.end();
}

// The error of an encoder when opened for an ordinary picture; "" if it accepts the option.
std::string refusal_of(const std::string& encoder, const std::string& name,
                       const std::string& value) {
  Format usual;
  usual.pixels = pixel_formats_of(encoder).front();
  usual.width = usual.height = 256;
  usual.time_base = {1, 25};
  usual.frame_rate = {25, 1};
  take_libav_warning();
  try {
    Encoder({encoder, usual, 1, reproducible(encoder, 1, {{name, value}})}, false);
  } catch (const Error& error) {
    const std::string what = error.what();
    const auto reason = what.rfind(": ");
    return reason == std::string::npos ? what : what.substr(reason + 2);
  }
  const std::string warning = take_libav_warning();
  for (const char* sign : {"Error parsing option", "Unknown option", "Invalid value for"})
    if (warning.find(sign) != std::string::npos) return warning.substr(warning.find(sign));
  return "";
}

// libav's tables mix options for decoders and demuxers with those for encoders and muxers; an
// option of the wrong kind would be accepted and do nothing.
void refuse_reading_option(void* object, const std::string& owner, const std::string& name) {
  const auto is_for = [&](int flag) {
    return av_opt_find(object, name.c_str(), nullptr, flag, AV_OPT_SEARCH_CHILDREN) != nullptr;
  };
  if (is_for(AV_OPT_FLAG_DECODING_PARAM) && !is_for(AV_OPT_FLAG_ENCODING_PARAM))
    fail(Fault::usage, "{}: {} is an option for reading and has no effect on an output", owner,
         name);
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

}  // namespace

std::string libav_option_name(const std::string& name) { return name == "bit_rate" ? "b" : name; }

std::string container_for(const std::string& path, const std::string& wanted) {
  const AVOutputFormat* found = wanted == "auto"
                                    ? av_guess_format(nullptr, path.c_str(), nullptr)
                                    : av_guess_format(wanted.c_str(), nullptr, nullptr);
  if (!found && wanted != "auto")
    fail(Fault::usage, "container: the installed libavformat has no muxer {}", wanted);
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
  if (avformat_query_codec(&muxer(container), found->id, FF_COMPLIANCE_EXPERIMENTAL) == 0)
    fail(Fault::usage, "codec: {} cannot hold {}, which {} makes", container,
         avcodec_get_name(found->id), found->name);
  if (type == AVMEDIA_TYPE_VIDEO) refuse_other_pictures(*found, container, path);
  return found->name;
}

namespace {

// Not an option of libavcodec's but of FFmpeg's tools, for encoders with a quantizer scale.
void check_qscale(AVCodecContext& codec, const std::string& encoder, const std::string& value) {
  if (av_opt_find(&codec, "crf", nullptr, 0, AV_OPT_SEARCH_CHILDREN))
    fail(Fault::usage, "{} takes no qscale; crf is its constant quality", encoder);
  double scale = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), scale);
  if (error != std::errc() || end != value.data() + value.size() || scale < 0 || scale > 255)
    fail(Fault::usage, "{}: qscale must be a number from 0 to 255, not {}", encoder, value);
}

// What people look for under other names.
std::string hint_for_option(AVCodecContext& codec, const std::string& name) {
  constexpr std::array<std::string_view, 5> qualities = {"q", "q:v", "quality", "qp", "crf"};
  const bool has_crf = av_opt_find(&codec, "crf", nullptr, 0, AV_OPT_SEARCH_CHILDREN) != nullptr;
  if (std::ranges::find(qualities, name) != qualities.end())
    return has_crf ? "; crf is its constant quality" : "; qscale (2 is good) is its quality";
  return name == "bitrate" ? "; did you mean bit_rate" : "";
}

}  // namespace

void check_encoder_option(const std::string& encoder, const std::string& name,
                          const std::string& value) {
  const av::CodecPtr codec(
      av::not_null(avcodec_alloc_context3(avcodec_find_encoder_by_name(encoder.c_str()))));
  if (name == "qscale") return check_qscale(*codec, encoder, value);
  refuse_reading_option(codec.get(), encoder, libav_option_name(name));
  take_libav_error();
  const int code = av_opt_set(codec.get(), libav_option_name(name).c_str(), value.c_str(),
                              AV_OPT_SEARCH_CHILDREN);
  if (code == AVERROR_OPTION_NOT_FOUND)
    fail(Fault::usage, "{} has no option {}{}; `ffmpeg -h encoder={}` lists them", encoder, name,
         hint_for_option(*codec, name), encoder);
  if (code < 0)
    fail(Fault::usage, "{}: {} cannot be {}: {}", encoder, name, value,
         reason_or(av::error_text(code)));
  if (!is_opaque(encoder, name)) return;
  const std::string complaint = refusal_of(encoder, name, value);
  if (!complaint.empty())
    fail(Fault::usage, "{}: {} cannot be {}: {}", encoder, name, value, complaint);
}

void check_muxer_option(const std::string& container, const std::string& name,
                        const std::string& value) {
  AVFormatContext* context = nullptr;
  av::check(avformat_alloc_output_context2(&context, nullptr, container.c_str(), nullptr),
            container);
  const std::unique_ptr<AVFormatContext, void (*)(AVFormatContext*)> owner(context,
                                                                           avformat_free_context);
  refuse_reading_option(context, container, name);
  const int code = av_opt_set(context, name.c_str(), value.c_str(), AV_OPT_SEARCH_CHILDREN);
  if (code == AVERROR_OPTION_NOT_FOUND)
    fail(Fault::usage, "{} has no option {}; `ffmpeg -h muxer={}` lists them", container, name,
         container);
  if (code < 0)
    fail(Fault::usage, "{}: {} cannot be {}: {}", container, name, value,
         reason_or(av::error_text(code)));
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
