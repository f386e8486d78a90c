// SPDX-License-Identifier: MIT
// Which streams are encoded although nobody asked for it, and by which encoder: those that the
// container cannot hold as they are, where its readers expect another codec.
#include "pipeline/media/transcoder.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "pipeline/media/audio.h"
#include "pipeline/media/av.h"
#include "pipeline/media/mux.h"
#include "pipeline/media/stream_info.h"
#include "pipeline/media/subtitle.h"

namespace quadrant {
namespace {

bool is_text(AVCodecID id) {
  const AVCodecDescriptor* codec = avcodec_descriptor_get(id);
  return codec && codec->props & AV_CODEC_PROP_TEXT_SUB;
}

// libavformat tells it of WebM and Matroska, but of MP4 and its kin only in some versions.
AVCodecID usual_text(const AVOutputFormat& container) {
  constexpr std::array<std::string_view, 6> of_apple = {"mp4", "mov", "ipod", "3gp", "3g2", "psp"};
  const std::string name(container.name);
  if (std::ranges::find(of_apple, name.substr(0, name.find(','))) != of_apple.end())
    return AV_CODEC_ID_MOV_TEXT;
  return is_text(container.subtitle_codec) ? container.subtitle_codec : AV_CODEC_ID_NONE;
}

std::unique_ptr<Transcoder> open_transcoder(const Input& input, const StreamPlan& s,
                                            bool global_header) {
  const AVStream& in = *input.av()->streams[s.input_stream];
  if (stream_kind(in) == StreamKind::subtitle)
    return std::make_unique<SubtitleTranscoder>(input, s.input_stream, s.encoder, global_header);
  return std::make_unique<AudioTranscoder>(input, s, global_header);
}

}  // namespace

static std::string usual_text_encoder(const std::string& container) {
  const AVOutputFormat* format = av_guess_format(container.c_str(), nullptr, nullptr);
  const AVCodecID codec = format ? usual_text(*format) : AV_CODEC_ID_NONE;
  const AVCodec* encoder = codec == AV_CODEC_ID_NONE ? nullptr : avcodec_find_encoder(codec);
  const bool holds =
      encoder && avformat_query_codec(format, codec, FF_COMPLIANCE_EXPERIMENTAL) != 0;
  return holds ? encoder->name : "";
}

static std::string usual_audio_encoder(const std::string& container, const std::string& path) {
  try {
    return encoder_named("auto", StreamKind::audio, container, path);
  } catch (const Error&) {
    return "";
  }
}

std::string substitute_encoder(const Input& input, int stream, const std::string& container,
                               const std::string& path) {
  const AVStream& in = *input.av()->streams[stream];
  const StreamKind kind = stream_kind(in);
  StreamPlan tried{.input_stream = stream};
  if (kind == StreamKind::audio)
    tried.encoder = usual_audio_encoder(container, path);
  else if (kind == StreamKind::subtitle && is_text(in.codecpar->codec_id))
    tried.encoder = usual_text_encoder(container);
  if (tried.encoder.empty()) return "";
  try {
    open_transcoder(input, tried, needs_global_header(container));
  } catch (const Error& error) {
    if (error.fault() == Fault::temporary) throw;
    return "";
  }
  return tried.encoder;
}

Transcoders open_transcoders(const Input& input, const OutputPlan& plan) {
  const bool global_header = needs_global_header(plan.container);
  Transcoders transcoders;
  for (const StreamPlan& s : plan.streams)
    if (s.action == StreamPlan::Action::encode && s.input_stream != input.info().video)
      transcoders.emplace_back(s.input_stream, open_transcoder(input, s, global_header));
  return transcoders;
}

}  // namespace quadrant
