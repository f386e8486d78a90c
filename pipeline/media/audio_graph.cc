// SPDX-License-Identifier: MIT
#include "pipeline/media/audio_graph.h"

#include <array>
#include <memory>

extern "C" {
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/channel_layout.h>
#include <libavutil/opt.h>
}

#include "pipeline/media/filter_chain.h"
#include "pipeline/media/log.h"
#include "pipeline/media/output_plan.h"

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

// One that takes any number of channels: some filters do not name a layout.
AVFilterContext* add_sink(AVFilterGraph* graph, const std::string& name) {
  AVFilterContext* made = av::not_null(
      avfilter_graph_alloc_filter(graph, avfilter_get_by_name("abuffersink"), "abuffersink"));
  av_opt_set_int(made, "all_channel_counts", 1, AV_OPT_SEARCH_CHILDREN);
  av::check(avfilter_init_str(made, nullptr), name);
  return made;
}

bool takes_rate(const int* rates, int rate) {
  if (!rates) return true;
  while (*rates != 0 && *rates != rate) ++rates;
  return *rates == rate;
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
std::string conversion_for(const AVCodec& codec, int rate) {
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
  const bool takes_it = rate > 0 && takes_rate(rates, rate);
  if (takes_it) text += fmt::format(":sample_rates={}", rate);
  for (const char* join = ":sample_rates="; !takes_it && rates && *rates != 0; ++rates, join = "|")
    text += join + std::to_string(*rates);
  for (const char* join = ":channel_layouts="; layouts && layouts->nb_channels != 0;
       ++layouts, join = "|")
    text += join + layout_name(*layouts);
  return text;
}

AudioGraph::AudioGraph(const AudioForm& in, const std::string& chain, const std::string& conversion,
                       const std::string& name)
    : name_(name), graph_(av::not_null(avfilter_graph_alloc())) {
  graph_->nb_threads = 1;
  source_ = add(graph_.get(), "abuffer",
                fmt::format("time_base=1/{}:sample_rate={}:sample_fmt={}:channel_layout={}",
                            in.rate, in.rate, av_get_sample_fmt_name(in.format), in.layout),
                name);
  // In the order of the links: libavfilter settles channel layouts in the order of its filters.
  const End last = chain.empty() ? End{source_, 0} : add_chain(chain);
  AVFilterContext* convert = add(graph_.get(), "aformat", conversion, name);
  sink_ = add_sink(graph_.get(), name);
  av::check(avfilter_link(last.filter, last.pad, convert, 0), name);
  av::check(avfilter_link(convert, 0, sink_, 0), name);
  configure(chain);
}

// libavfilter's error codes say "Invalid argument"; its log says which filter and option.
void AudioGraph::refuse(const std::string& chain, int code) const {
  const std::string said = take_libav_error();
  fail(av::refused(code) ? Fault::input : Fault::temporary, "{}: filter \"{}\": {}", name_, chain,
       said.empty() ? av::error_text(code) : said);
}

void AudioGraph::configure(const std::string& chain) {
  take_libav_error();
  const int code = avfilter_graph_config(graph_.get(), nullptr);
  if (code < 0 && !chain.empty()) refuse(chain, code);
  av::check(code, name_);
}

AudioGraph::End AudioGraph::add_chain(const std::string& chain) {
  using Ends = std::unique_ptr<AVFilterInOut, av::Deleter<avfilter_inout_free>>;
  AVFilterInOut *inputs = nullptr, *outputs = nullptr;
  // libavfilter would put the converter that the chain's first filter may need behind all others,
  // and then not look again for the channel layouts that follow from it.
  AVFilterContext* first = add(graph_.get(), "aresample", "", name_);
  take_libav_error();
  const int code = avfilter_graph_parse2(graph_.get(), chain.c_str(), &inputs, &outputs);
  const Ends owned_inputs(inputs), owned_outputs(outputs);
  if (code < 0) refuse(chain, code);
  const auto is_one_sound = [](const AVFilterInOut* end, const AVFilterPad* pads) {
    return !end->next && avfilter_pad_get_type(pads, end->pad_idx) == AVMEDIA_TYPE_AUDIO;
  };
  if (!inputs || !is_one_sound(inputs, inputs->filter_ctx->input_pads) || !outputs ||
      !is_one_sound(outputs, outputs->filter_ctx->output_pads))
    fail(Fault::input, "{}: filter \"{}\": must take sound once and give sound once", name_, chain);
  const auto pad = [](const AVFilterInOut* end) { return static_cast<unsigned>(end->pad_idx); };
  av::check(avfilter_link(source_, 0, first, 0), name_);
  av::check(avfilter_link(first, 0, inputs->filter_ctx, pad(inputs)), name_);
  return {outputs->filter_ctx, pad(outputs)};
}

void check_audio_filter(const std::string& chain) {
  try {
    const AudioForm usual{AV_SAMPLE_FMT_FLTP, 48000, "stereo"};
    AudioGraph(usual, without_written_files(chain), "sample_fmts=fltp", "output.audio");
  } catch (const Error& error) {
    fail(error.fault() == Fault::temporary ? Fault::temporary : Fault::usage, "{}", error.what());
  }
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
