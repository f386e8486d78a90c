// SPDX-License-Identifier: MIT
#include "pipeline/media/audio_graph.h"

#include <array>

extern "C" {
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/channel_layout.h>
}

namespace quadrant {
namespace {

std::string layout_name(const AVChannelLayout& layout) {
  std::array<char, 128> text{};
  av_channel_layout_describe(&layout, text.data(), text.size());
  return text.data();
}

AVFilterContext* add(AVFilterGraph* graph, const char* filter, const std::string& arguments,
                     const std::string& name) {
  AVFilterContext* made = nullptr;
  av::check(avfilter_graph_create_filter(&made, avfilter_get_by_name(filter), filter,
                                         arguments.c_str(), nullptr, graph),
            name);
  return made;
}

}  // namespace

std::string AudioForm::describe() const { return fmt::format("{} {} Hz", layout, rate); }

std::string AudioForm::as_conversion() const {
  return fmt::format("sample_fmts={}:sample_rates={}:channel_layouts={}",
                     av_get_sample_fmt_name(format), rate, layout);
}

AudioForm form_of(int sample_format, int rate, AVChannelLayout& layout) {
  if (layout.order == AV_CHANNEL_ORDER_UNSPEC)
    av_channel_layout_default(&layout, layout.nb_channels);
  return {static_cast<AVSampleFormat>(sample_format), rate, layout_name(layout)};
}

// An empty list means that the encoder takes anything.
std::string conversion_for(const AVCodec& codec) {
  const AVSampleFormat* formats = nullptr;
  const int* rates = nullptr;
  const AVChannelLayout* layouts = nullptr;
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(61, 13, 100)
  avcodec_get_supported_config(nullptr, &codec, AV_CODEC_CONFIG_SAMPLE_FORMAT, 0,
                               reinterpret_cast<const void**>(&formats), nullptr);
  avcodec_get_supported_config(nullptr, &codec, AV_CODEC_CONFIG_SAMPLE_RATE, 0,
                               reinterpret_cast<const void**>(&rates), nullptr);
  avcodec_get_supported_config(nullptr, &codec, AV_CODEC_CONFIG_CHANNEL_LAYOUT, 0,
                               reinterpret_cast<const void**>(&layouts), nullptr);
#else
  formats = codec.sample_fmts;
  rates = codec.supported_samplerates;
  layouts = codec.ch_layouts;
#endif
  std::string text;
  for (const char* join = "sample_fmts="; formats && *formats != AV_SAMPLE_FMT_NONE;
       ++formats, join = "|")
    text += join + std::string(av_get_sample_fmt_name(*formats));
  for (const char* join = ":sample_rates="; rates && *rates != 0; ++rates, join = "|")
    text += join + std::to_string(*rates);
  for (const char* join = ":channel_layouts="; layouts && layouts->nb_channels != 0;
       ++layouts, join = "|")
    text += join + layout_name(*layouts);
  return text;
}

AudioGraph::AudioGraph(const AudioForm& in, const std::string& conversion, const std::string& name)
    : name_(name), graph_(av::not_null(avfilter_graph_alloc())) {
  graph_->nb_threads = 1;
  source_ = add(graph_.get(), "abuffer",
                fmt::format("time_base=1/{}:sample_rate={}:sample_fmt={}:channel_layout={}",
                            in.rate, in.rate, av_get_sample_fmt_name(in.format), in.layout),
                name);
  AVFilterContext* convert = add(graph_.get(), "aformat", conversion, name);
  sink_ = add(graph_.get(), "abuffersink", "", name);
  av::check(avfilter_link(source_, 0, convert, 0), name);
  av::check(avfilter_link(convert, 0, sink_, 0), name);
  av::check(avfilter_graph_config(graph_.get(), nullptr), name);
}

AudioForm AudioGraph::output() const {
  AVChannelLayout layout{};
  av::check(av_buffersink_get_ch_layout(sink_, &layout), name_);
  AudioForm form =
      form_of(av_buffersink_get_format(sink_), av_buffersink_get_sample_rate(sink_), layout);
  av_channel_layout_uninit(&layout);
  return form;
}

AVRational AudioGraph::time_base() const { return av_buffersink_get_time_base(sink_); }

void AudioGraph::give_frames_of(int samples) {
  av_buffersink_set_frame_size(sink_, static_cast<unsigned>(samples));
}

void AudioGraph::push(AVFrame* frame, const std::function<void(AVFrame*)>& emit) {
  av::check(av_buffersrc_add_frame(source_, frame), name_);
  for (;;) {
    const av::FramePtr made = av::make_frame();
    const int code = av_buffersink_get_frame(sink_, made.get());
    if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return;
    av::check(code, name_);
    emit(made.get());
  }
}

}  // namespace quadrant
