// SPDX-License-Identifier: MIT
// Why the number of slices is fixed: a filter may round where two slices meet, or keep sums per
// slice, so that number affects the result. libavfilter's default is the number of cores; here it
// is always 8, and AVFilterGraph.execute passes the slices to the caller's executor. vf_scale is an
// exception: it would start libswscale's own threads, so it is set to one.
#include "pipeline/media/filter_graph.h"

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

extern "C" {
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/mathematics.h>
#include <libavutil/mem.h>
#include <libavutil/pixdesc.h>
}

#include "pipeline/contract/frame.h"
#include "pipeline/media/av.h"
#include "pipeline/media/log.h"
#include "pipeline/media/ticks.h"

namespace quadrant {
namespace {

constexpr int slices = 8;
constexpr const char* conversion_options =
    "flags=bicubic+accurate_rnd+full_chroma_int+bitexact:threads=1";

using EndsPtr = std::unique_ptr<AVFilterInOut, av::Deleter<avfilter_inout_free>>;

[[noreturn]] void refuse(const std::string& chain, const std::string& why,
                         Fault fault = Fault::usage) {
  fail(fault, "filter chain \"{}\": {}", chain, why);
}

// libavfilter's error code says "Invalid argument"; its log says which filter and option. `fault`:
// is the chain itself wrong (usage), or only for this input?
int check(int code, const std::string& chain, Fault fault = Fault::usage) {
  if (code >= 0) return code;
  if (code == AVERROR(ENOMEM)) fail(Fault::temporary, "out of memory");
  const std::string said = take_libav_error();
  refuse(chain, said.empty() ? av::error_text(code) : said, fault);
}

void require_one_video(const AVFilterInOut* ends, const std::string& chain, bool input) {
  const char* what = input ? "input" : "output";
  if (ends == nullptr || ends->next != nullptr)
    refuse(chain, fmt::format("must have exactly one open {}", what));
  const AVFilterPad* pads = input ? ends->filter_ctx->input_pads : ends->filter_ctx->output_pads;
  if (avfilter_pad_get_type(pads, ends->pad_idx) != AVMEDIA_TYPE_VIDEO)
    refuse(chain, fmt::format("filter '{}' is not a video filter", ends->filter_ctx->filter->name));
}

void refuse_sources(const AVFilterGraph& graph, const std::string& chain) {
  for (unsigned i = 0; i < graph.nb_filters; ++i) {
    const AVFilterContext& filter = *graph.filters[i];
    if (filter.nb_inputs == 0 || filter.nb_outputs == 0)
      refuse(chain, fmt::format("filter '{}' is a {}, which a chain cannot contain",
                                filter.filter->name, filter.nb_inputs == 0 ? "source" : "sink"));
  }
}

// libavfilter does not tell which filters those are, and each fails in its own words.
bool needs_hardware_frames(std::string_view filter) {
  constexpr std::array<std::string_view, 3> transfers = {"hwupload", "hwdownload", "hwmap"};
  constexpr std::array<std::string_view, 10> ends = {"_vaapi",  "_cuda", "_qsv", "_opencl",
                                                     "_vulkan", "_npp",  "_vt",  "_videotoolbox",
                                                     "_amf",    "_d3d11"};
  return std::ranges::any_of(transfers, [&](auto name) { return filter.starts_with(name); }) ||
         std::ranges::any_of(ends, [&](auto end) { return filter.ends_with(end); });
}

// "format=vaapi" asks for them too.
bool asks_for_hardware_frames(std::string_view chain) {
  for (std::size_t at = chain.find("format="); at != std::string_view::npos;
       at = chain.find("format=", at + 1)) {
    const std::size_t begin = chain.find('=', at) + 1;
    const std::string name(chain.substr(begin, chain.find_first_of("|:,;[]", begin) - begin));
    const AVPixFmtDescriptor* found = av_pix_fmt_desc_get(av_get_pix_fmt(name.c_str()));
    if (found && found->flags & AV_PIX_FMT_FLAG_HWACCEL) return true;
  }
  return false;
}

// Goes by the text: a filter that finds no device is not in the graph.
void refuse_hardware_frames(const std::string& chain) {
  for (std::size_t at = 0; at < chain.size();) {
    const std::size_t begin = chain.find_first_not_of(" \t\n,;", at);
    if (begin == std::string::npos) break;
    at = std::min(chain.find_first_of(",;]", begin), chain.size());
    const std::string name =
        chain.substr(begin, std::min(chain.find_first_of("=@ ", begin), at) - begin);
    if (at < chain.size() && chain[at] == ']') ++at;  // it was a label
    if (needs_hardware_frames(name))
      refuse(chain,
             fmt::format("filter '{}' needs hardware frames, which are not supported", name));
  }
  if (asks_for_hardware_frames(chain))
    refuse(chain, "its format means hardware frames, which are not supported");
}

AVFilterContext* add(AVFilterGraph* graph, const char* filter, const char* name) {
  return av::not_null(avfilter_graph_alloc_filter(graph, avfilter_get_by_name(filter), name));
}

AVFilterContext* add_source(AVFilterGraph* graph, const Format& in, const std::string& chain) {
  AVFilterContext* source = add(graph, "buffer", "in");
  std::unique_ptr<AVBufferSrcParameters, decltype(&av_free)> p(
      av::not_null(av_buffersrc_parameters_alloc()), av_free);
  p->format = in.pixels.value();
  p->width = in.width;
  p->height = in.height;
  p->time_base = av::to_av(in.time_base);
  p->frame_rate = av::to_av(in.frame_rate);
  p->sample_aspect_ratio = av::to_av(in.sample_aspect);
#if LIBAVFILTER_VERSION_MAJOR >= 10  // FFmpeg 7: links know matrix and range
  p->color_space = static_cast<AVColorSpace>(in.colour.matrix);
  p->color_range = static_cast<AVColorRange>(in.colour.range);
#endif
  check(av_buffersrc_parameters_set(source, p.get()), chain);
  check(avfilter_init_str(source, nullptr), chain);
  return source;
}

AVFilterContext* add_sink(AVFilterGraph* graph, const std::string& chain) {
  AVFilterContext* sink = add(graph, "buffersink", "out");
  check(avfilter_init_str(sink, nullptr), chain);
  return sink;
}

// Turns an upside-down picture (vflip only negates the stride) into an ordinary one: cv::Mat and
// many encoders do not support negative strides.
void stand_upright(av::FramePtr& frame) {
  if (frame->linesize[0] >= 0) return;
  av::FramePtr upright = av::make_frame();
  upright->format = frame->format;
  upright->width = frame->width;
  upright->height = frame->height;
  av::check(av_frame_get_buffer(upright.get(), 0), "filter");
  av::check(av_frame_copy(upright.get(), frame.get()), "filter");
  av::check(av_frame_copy_props(upright.get(), frame.get()), "filter");
  frame = std::move(upright);
}

#if LIBAVFILTER_VERSION_INT >= AV_VERSION_INT(9, 12, 100)  // FFmpeg 6.1
constexpr bool filters_keep_durations = true;
#else
constexpr bool filters_keep_durations = false;
#endif

// One frame at the nominal rate, in ticks; 0 where there is none.
std::int64_t nominal_length(const Format& f) {
  if (f.frame_rate.num <= 0 || f.time_base.num <= 0) return 0;
  return std::max<std::int64_t>(
      1, av_rescale_q(1, av_inv_q(av::to_av(f.frame_rate)), av::to_av(f.time_base)));
}

}  // namespace

struct FilterGraph::Impl {
  std::string chain;
  ParallelFor parallel_for;
  std::exception_ptr failure;  // from parallel_for; must not propagate through C code
  av::GraphPtr graph{av::not_null(avfilter_graph_alloc())};
  AVFilterContext *source = nullptr, *sink = nullptr;
  Format input, output;
  std::int64_t end_pts = 0;  // of the last frame: filters that count time (fps) want to know it

  void build(const Format& in);
  void connect(AVFilterInOut* open_inputs, AVFilterInOut* open_outputs);
  void read_output(const Format& in);
  std::int64_t length_of(const Frame& frame) const;
  std::int64_t length_of_output(AVFrame& frame) const;
  int check_run(int code);
  void check_planned(const AVFrame& frame) const;
  static int execute(AVFilterContext* filter, avfilter_action_func* action, void* argument,
                     int* results, int count);
};

int FilterGraph::Impl::execute(AVFilterContext* filter, avfilter_action_func* action,
                               void* argument, int* results, int count) {
  Impl& self = *static_cast<Impl*>(filter->graph->opaque);
  try {
    self.parallel_for(count, [&](int job) {
      const int result = action(filter, argument, job, count);
      if (results != nullptr) results[job] = result;
    });
    return 0;
  } catch (...) {
    self.failure = std::current_exception();
    return AVERROR_EXTERNAL;
  }
}

void FilterGraph::Impl::build(const Format& in) {
  take_libav_error();
  graph->opaque = this;
  graph->execute = execute;
  graph->nb_threads = slices;
  graph->thread_type = AVFILTER_THREAD_SLICE;
  graph->scale_sws_opts = av::not_null(av_strdup(conversion_options));
  AVFilterInOut *inputs = nullptr, *outputs = nullptr;
  const int parsed = avfilter_graph_parse2(graph.get(), chain.c_str(), &inputs, &outputs);
  const EndsPtr owned_inputs(inputs), owned_outputs(outputs);
  refuse_hardware_frames(chain);
  check(parsed, chain);
  require_one_video(inputs, chain, true);
  require_one_video(outputs, chain, false);
  refuse_sources(*graph, chain);
  for (unsigned i = 0; i < graph->nb_filters; ++i)
    if (std::string_view(graph->filters[i]->filter->name) == "scale")
      graph->filters[i]->nb_threads = 1;
  source = add_source(graph.get(), in, chain);
  sink = add_sink(graph.get(), chain);
  connect(inputs, outputs);
  read_output(in);
}

void FilterGraph::Impl::connect(AVFilterInOut* open_inputs, AVFilterInOut* open_outputs) {
  const auto pad = [](const AVFilterInOut* end) { return static_cast<unsigned>(end->pad_idx); };
  check(avfilter_link(source, 0, open_inputs->filter_ctx, pad(open_inputs)), chain, Fault::input);
  check(avfilter_link(open_outputs->filter_ctx, pad(open_outputs), sink, 0), chain, Fault::input);
  check(avfilter_graph_config(graph.get(), nullptr), chain, Fault::input);
}

void FilterGraph::Impl::read_output(const Format& in) {
  input = output = in;
  output.pixels = PixelFormat(av_buffersink_get_format(sink));
  output.width = av_buffersink_get_w(sink);
  output.height = av_buffersink_get_h(sink);
  output.sample_aspect = av::from_av(av_buffersink_get_sample_aspect_ratio(sink));
  output.time_base = av::from_av(av_buffersink_get_time_base(sink));
  output.frame_rate = av::from_av(av_buffersink_get_frame_rate(sink));
}

// If the frame has no duration: from the nominal rate, otherwise one tick.
std::int64_t FilterGraph::Impl::length_of(const Frame& frame) const {
  if (frame.duration() > 0) return frame.duration();
  return std::max<std::int64_t>(1, nominal_length(frame.format()));
}

// Up to FFmpeg 6.0 filters do not know of durations: a frame has that of some frame of the input,
// in the input's ticks. It holds where the rate is as it was; otherwise the new rate tells, as in
// FFmpeg (fftools, do_video_out).
std::int64_t FilterGraph::Impl::length_of_output(AVFrame& frame) const {
  const std::int64_t given = av::frame_duration(frame);
  if (filters_keep_durations && given > 0) return given;
  const std::int64_t nominal = nominal_length(output);
  const bool same_rate = nominal == 0 || output.frame_rate == input.frame_rate;
  if (same_rate && given > 0)
    return rescaled(given, av::to_av(input.time_base), av::to_av(output.time_base));
  return nominal;
}

int FilterGraph::Impl::check_run(int code) {
  if (failure) std::rethrow_exception(std::exchange(failure, nullptr));
  if (code >= 0 || code == AVERROR(EAGAIN) || code == AVERROR_EOF) return code;
  return check(code, chain, av::fault_of(code));
}

void FilterGraph::Impl::check_planned(const AVFrame& frame) const {
  const PixelFormat pixels(frame.format);
  if (pixels == output.pixels && frame.width == output.width && frame.height == output.height)
    return;
  refuse(chain,
         fmt::format("gave a picture of {} {}x{} where {} {}x{} was planned; end the chain with "
                     "scale={}:{},format={}",
                     pixels.name(), frame.width, frame.height, output.pixels.name(), output.width,
                     output.height, output.width, output.height, output.pixels.name()),
         Fault::input);
}

FilterGraph::FilterGraph(const Format& in, const std::string& chain, ParallelFor parallel_for)
    : impl_(std::make_unique<Impl>()) {
  impl_->chain = chain;
  impl_->parallel_for = std::move(parallel_for);
  impl_->build(in);
}

FilterGraph::~FilterGraph() = default;
FilterGraph::FilterGraph(FilterGraph&&) noexcept = default;
FilterGraph& FilterGraph::operator=(FilterGraph&&) noexcept = default;

const Format& FilterGraph::output() const { return impl_->output; }

std::vector<std::string> FilterGraph::filters() const {
  std::vector<std::string> names;
  const AVFilterGraph& graph = *impl_->graph;
  for (unsigned i = 0; i < graph.nb_filters; ++i)
    names.emplace_back(graph.filters[i]->filter->name);
  return names;
}

bool FilterGraph::crosses_rgb() const {
  const AVFilterGraph& graph = *impl_->graph;
  return std::any_of(graph.filters, graph.filters + graph.nb_filters, [](const AVFilterContext* f) {
    if (std::string_view(f->filter->name) != "scale") return false;
    const PixelFormat in(f->inputs[0]->format), out(f->outputs[0]->format);
    return in.is_rgb() != out.is_rgb() && (in.has_chroma() || out.has_chroma());
  });
}

void FilterGraph::push(const Frame& frame) {
  if (!frame) {
    impl_->check_run(av_buffersrc_close(impl_->source, impl_->end_pts, 0));
    return;
  }
  impl_->end_pts = plus(frame.pts(), impl_->length_of(frame));
  // KEEP_REF: the frame is shared, so a filter that writes makes a copy first.
  impl_->check_run(
      av_buffersrc_add_frame_flags(impl_->source, frame.av(), AV_BUFFERSRC_FLAG_KEEP_REF));
}

Frame FilterGraph::pull() {
  av::FramePtr frame = av::make_frame();
  if (impl_->check_run(av_buffersink_get_frame(impl_->sink, frame.get())) < 0) return {};
  impl_->check_planned(*frame);
  stand_upright(frame);
  av::frame_duration(*frame) = impl_->length_of_output(*frame);
  return Frame(std::move(frame), impl_->output.time_base, impl_->output.frame_rate);
}

}  // namespace quadrant
