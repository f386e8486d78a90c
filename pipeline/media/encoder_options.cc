// SPDX-License-Identifier: MIT
// Options of encoders and muxers, checked before anything is opened. See output_plan.h.
#include <algorithm>
#include <array>
#include <charconv>

extern "C" {
#include <libavutil/opt.h>
}

#include "pipeline/media/av.h"
#include "pipeline/media/encode.h"
#include "pipeline/media/encoders.h"
#include "pipeline/media/log.h"
#include "pipeline/media/output_plan.h"
#include "pipeline/media/reproducible.h"

namespace quadrant {
namespace {

std::string reason_or(const std::string& otherwise) {
  const std::string reason = take_libav_error();
  return reason.empty() ? otherwise : reason;
}

// Options that libavcodec passes on as text: only opening the encoder shows whether it knows them,
// and for unknown x264-params it only warns.
bool is_passed_on(const std::string& encoder, const std::string& option) {
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
    Encoder({encoder, usual, 1, reproducible(encoder, 1, without_written_files({{name, value}}))},
            false);
  } catch (const Error& error) {
    if (error.fault() == Fault::temporary) throw;
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

bool has_crf(AVCodecContext& codec) {
  return av_opt_find(&codec, "crf", nullptr, 0, AV_OPT_SEARCH_CHILDREN) != nullptr;
}

// Not an option of libavcodec's but of FFmpeg's tools, for encoders with a quantizer scale.
void check_qscale(AVCodecContext& codec, const std::string& encoder, const std::string& value) {
  if (has_crf(codec))
    fail(Fault::usage, "{} takes no qscale; crf is its constant quality", encoder);
  double scale = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), scale);
  if (error != std::errc() || end != value.data() + value.size() || scale < 0 || scale > 255)
    fail(Fault::usage, "{}: qscale must be a number from 0 to 255, not {}", encoder, value);
}

// "pass1", "+pass1+psnr"
std::string without_first_pass(const std::string& flags) {
  std::string kept;
  for (std::size_t at = 0, end = 0; at < flags.size(); at = end) {
    end = std::min(flags.find_first_of("+-", at + 1), flags.size());
    const std::string flag = flags.substr(at, end - at);
    if (flag != "pass1" && flag != "+pass1") kept += flag;
  }
  return kept;
}

// x264's and x265's own lists, key=value:key=value.
std::string without_files_of_x26(const std::string& list) {
  constexpr std::array<std::string_view, 7> writing = {
      "pass", "stats", "analysis-save", "csv", "recon", "dump-yuv", "analysis-reuse-file"};
  std::string kept;
  for (std::size_t at = 0, end = 0; at <= list.size(); at = end + 1) {
    end = std::min(list.find(':', at), list.size());
    const std::string entry = list.substr(at, end - at);
    const std::string_view key = std::string_view(entry).substr(0, entry.find('='));
    if (std::ranges::find(writing, key) == writing.end() && !entry.empty())
      kept += (kept.empty() ? "" : ":") + entry;
  }
  return kept;
}

// What people look for under other names.
std::string hint_for_option(AVCodecContext& codec, const std::string& name) {
  constexpr std::array<std::string_view, 5> qualities = {"q", "q:v", "quality", "qp", "crf"};
  if (std::ranges::find(qualities, name) != qualities.end())
    return has_crf(codec) ? "; crf is its constant quality" : "; qscale (2 is good) is its quality";
  return name == "bitrate" ? "; did you mean bit_rate" : "";
}

}  // namespace

Options without_written_files(Options options) {
  std::erase_if(options, [](const auto& option) {
    return option.first == "stats" || option.first == "passlogfile";
  });
  for (auto& [name, value] : options) {
    if (name == "flags") value = without_first_pass(value);
    if (name.ends_with("-params") || name == "x264opts") value = without_files_of_x26(value);
  }
  std::erase_if(options, [](const auto& option) { return option.second.empty(); });
  return options;
}

std::string libav_option_name(const std::string& name) { return name == "bit_rate" ? "b" : name; }

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
  if (!is_passed_on(encoder, name)) return;
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

}  // namespace quadrant
