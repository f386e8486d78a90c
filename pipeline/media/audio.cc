// SPDX-License-Identifier: MIT
#include "pipeline/media/audio.h"

#include <array>

extern "C" {
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/channel_layout.h>
#include <libavutil/opt.h>
}

#include "pipeline/media/av.h"
#include "pipeline/media/log.h"
#include "pipeline/media/mux.h"

namespace quadrant {

struct AudioTranscoder::Impl {
  std::string name;  // for messages
  av::CodecPtr decoder, encoder;
  av::GraphPtr graph;
  AVFilterContext *source = nullptr, *sink = nullptr;
  int stream = 0;
  std::int64_t next_pts = AV_NOPTS_VALUE;

  void open_decoder(const Input& input);
  void open_encoder(const AVCodec& codec, const Options& options, bool global_header);
  void build_graph(const AVCodec& codec);
  void decode(const Packet& packet, const std::function<void(Packet)>& emit);
  void filter(AVFrame* frame, const std::function<void(Packet)>& emit);
  void encode(AVFrame* frame, const std::function<void(Packet)>& emit);
};

namespace {

std::string layout_name(const AVChannelLayout& layout) {
  std::array<char, 128> text{};
  av_channel_layout_describe(&layout, text.data(), text.size());
  return text.data();
}

// The encoder's own list of sample formats and rates as aformat's arguments: libavfilter then
// converts to the nearest. An empty list means that anything goes.
std::string conversion_for(const AVCodec& codec) {
  const AVSampleFormat* formats = nullptr;
  const int* rates = nullptr;
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(61, 13, 100)
  avcodec_get_supported_config(nullptr, &codec, AV_CODEC_CONFIG_SAMPLE_FORMAT, 0,
                               reinterpret_cast<const void**>(&formats), nullptr);
  avcodec_get_supported_config(nullptr, &codec, AV_CODEC_CONFIG_SAMPLE_RATE, 0,
                               reinterpret_cast<const void**>(&rates), nullptr);
#else
  formats = codec.sample_fmts;
  rates = codec.supported_samplerates;
#endif
  std::string text = "aformat=";
  for (const char* join = "sample_fmts="; formats && *formats != AV_SAMPLE_FMT_NONE;
       ++formats, join = "|")
    text += join + std::string(av_get_sample_fmt_name(*formats));
  for (const char* join = ":sample_rates="; rates && *rates != 0; ++rates, join = "|")
    text += join + std::to_string(*rates);
  return text;
}

}  // namespace

AudioTranscoder::AudioTranscoder(const Input& input, int stream, const std::string& encoder,
                                 const Options& options, bool global_header)
    : impl_(std::make_unique<Impl>()) {
  take_libav_error();
  impl_->name = fmt::format("{}: audio stream #{}", input.info().name, stream);
  impl_->stream = stream;
  const AVCodec* codec = avcodec_find_encoder_by_name(encoder.c_str());
  impl_->open_decoder(input);
  impl_->build_graph(*codec);
  impl_->open_encoder(*codec, options, global_header);
}

AudioTranscoder::~AudioTranscoder() = default;
AudioTranscoder::AudioTranscoder(AudioTranscoder&&) noexcept = default;
const AVCodecContext& AudioTranscoder::av() const { return *impl_->encoder; }

void AudioTranscoder::Impl::open_decoder(const Input& input) {
  const AVStream& in = *input.av()->streams[stream];
  const AVCodec* codec = avcodec_find_decoder(in.codecpar->codec_id);
  if (!codec)
    fail(Fault::input, "{}: no decoder for {}", name, avcodec_get_name(in.codecpar->codec_id));
  decoder.reset(av::not_null(avcodec_alloc_context3(codec)));
  av::check(avcodec_parameters_to_context(decoder.get(), in.codecpar), name);
  decoder->pkt_timebase = in.time_base;
  decoder->thread_count = 1;
  av::check(avcodec_open2(decoder.get(), codec, nullptr), name);
  if (decoder->ch_layout.order == AV_CHANNEL_ORDER_UNSPEC)
    av_channel_layout_default(&decoder->ch_layout, decoder->ch_layout.nb_channels);
}

void AudioTranscoder::Impl::build_graph(const AVCodec& codec) {
  graph.reset(av::not_null(avfilter_graph_alloc()));
  graph->nb_threads = 1;
  const AVRational time_base = {1, decoder->sample_rate};
  const std::string arguments =
      fmt::format("time_base=1/{}:sample_rate={}:sample_fmt={}:channel_layout={}", time_base.den,
                  decoder->sample_rate, av_get_sample_fmt_name(decoder->sample_fmt),
                  layout_name(decoder->ch_layout));
  AVFilterContext* convert = nullptr;
  const std::string conversion = conversion_for(codec);
  av::check(avfilter_graph_create_filter(&source, avfilter_get_by_name("abuffer"), "in",
                                         arguments.c_str(), nullptr, graph.get()),
            name);
  av::check(avfilter_graph_create_filter(&convert, avfilter_get_by_name("aformat"), "convert",
                                         conversion.c_str() + sizeof("aformat=") - 1, nullptr,
                                         graph.get()),
            name);
  av::check(avfilter_graph_create_filter(&sink, avfilter_get_by_name("abuffersink"), "out", nullptr,
                                         nullptr, graph.get()),
            name);
  av::check(avfilter_link(source, 0, convert, 0), name);
  av::check(avfilter_link(convert, 0, sink, 0), name);
  av::check(avfilter_graph_config(graph.get(), nullptr), name);
}

void AudioTranscoder::Impl::open_encoder(const AVCodec& codec, const Options& options,
                                         bool global_header) {
  encoder.reset(av::not_null(avcodec_alloc_context3(&codec)));
  encoder->sample_fmt = static_cast<AVSampleFormat>(av_buffersink_get_format(sink));
  encoder->sample_rate = av_buffersink_get_sample_rate(sink);
  av::check(av_buffersink_get_ch_layout(sink, &encoder->ch_layout), name);
  encoder->time_base = av_buffersink_get_time_base(sink);
  encoder->thread_count = 1;
  encoder->flags |= AV_CODEC_FLAG_BITEXACT;
  if (global_header) encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  av::Dictionary dictionary;
  for (const auto& [key, value] : options) dictionary.set(key, value);
  if (const int code = avcodec_open2(encoder.get(), &codec, dictionary.get()); code < 0) {
    const std::string reason = take_libav_error();
    fail(av::fault_of(code), "{}: {} does not take it: {}", name, codec.name,
         reason.empty() ? av::error_text(code) : reason);
  }
  if (encoder->frame_size > 0 && !(codec.capabilities & AV_CODEC_CAP_VARIABLE_FRAME_SIZE))
    av_buffersink_set_frame_size(sink, static_cast<unsigned>(encoder->frame_size));
}

Transcoders open_transcoders(const Input& input, const OutputPlan& plan) {
  const bool global_header = needs_global_header(plan.container);
  Transcoders audio;
  for (const StreamPlan& s : plan.streams)
    if (s.action == StreamPlan::Action::encode && s.input_stream != input.info().video)
      audio.emplace_back(s.input_stream, AudioTranscoder(input, s.input_stream, plan.audio_encoder,
                                                         plan.audio_options, global_header));
  return audio;
}

void AudioTranscoder::transcode(const Packet& packet, const std::function<void(Packet)>& emit) {
  impl_->decode(packet, emit);
  if (packet) return;
  impl_->filter(nullptr, emit);
  impl_->encode(nullptr, emit);
}

void AudioTranscoder::Impl::decode(const Packet& packet, const std::function<void(Packet)>& emit) {
  avcodec_send_packet(decoder.get(), packet.av());  // a damaged packet is a gap, not the end
  for (;;) {
    const av::FramePtr frame = av::make_frame();
    if (avcodec_receive_frame(decoder.get(), frame.get()) < 0) return;
    const AVRational samples = {1, decoder->sample_rate};
    if (frame->best_effort_timestamp != AV_NOPTS_VALUE)
      next_pts = av_rescale_q(frame->best_effort_timestamp, decoder->pkt_timebase, samples);
    else if (next_pts == AV_NOPTS_VALUE)
      next_pts = 0;
    frame->pts = next_pts;
    next_pts += frame->nb_samples;
    filter(frame.get(), emit);
  }
}

void AudioTranscoder::Impl::filter(AVFrame* frame, const std::function<void(Packet)>& emit) {
  av::check(av_buffersrc_add_frame(source, frame), name);
  for (;;) {
    const av::FramePtr converted = av::make_frame();
    const int code = av_buffersink_get_frame(sink, converted.get());
    if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return;
    av::check(code, name);
    encode(converted.get(), emit);
  }
}

void AudioTranscoder::Impl::encode(AVFrame* frame, const std::function<void(Packet)>& emit) {
  av::check(avcodec_send_frame(encoder.get(), frame), name);
  for (;;) {
    std::shared_ptr<AVPacket> packet = av::make_packet();
    const int code = avcodec_receive_packet(encoder.get(), packet.get());
    if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return;
    av::check(code, name);
    packet->stream_index = stream;
    emit(Packet(std::move(packet)));
  }
}

}  // namespace quadrant
