// SPDX-License-Identifier: MIT
// ffmpeg: any libavfilter chain with one video input and one video output, in the syntax of
// FFmpeg's -vf. Chains of filters known to keep nothing from frame to frame (stateless_filters.cc)
// run in any order, with one graph per worker. All others run in order with one graph; they may
// hold frames back and change their number (fps, select, tinterlace).
#include <fmt/ranges.h>

#include <algorithm>

#include "pipeline/media/filter_chain.h"
#include "pipeline/media/filter_graph.h"
#include "stages/samples.h"
#include "stages/stateless_filters.h"

namespace quadrant {
namespace {

class Ffmpeg final : public Stage {
 public:
  std::string filter;

  Format configure(const Format& in) override {
    in_ = in;
    order_ = is_stateless_chain(filter) ? Order::any_order : Order::in_order;
    const std::string planned = without_written_files(filter);
    const FilterGraph graph(in, planned, [](int, const std::function<void(int)>&) {});
    filters_ = graph.filters();
    guesses_matrix_ = graph.crosses_rgb() && !in.tells_matrix();
    return format_after(in, planned);
  }
  bool names_its_format() const override {
    const std::vector<FilterText> texts = filters_in(filter);
    return !texts.empty() && (texts.back().name == "format" || texts.back().name == "noformat");
  }
  std::vector<std::string> files() const override { return files_named_in(filter); }
  bool keeps_all_frames() const override { return has("reverse"); }
  std::vector<std::string> notes() const override {
    std::vector<std::string> notes;
    for (const char* name : {"loop", "random", "thumbnail"})
      if (has(name))
        notes.push_back(
            fmt::format("{} may hold many frames, which --memory does not bound", name));
    for (const std::string& part : unrepeatable_in(filter))
      notes.push_back(part + " gives other pictures in every run and every mode");
    if (const auto movers = filters_that_move_time(filter); !movers.empty())
      notes.push_back(fmt::format(
          "{} may move the picture's times or end it earlier; sound, subtitles and chapters keep "
          "theirs",
          fmt::join(movers, ", ")));
    if (guesses_matrix_)
      notes.push_back(fmt::format(
          "\"{}\" converts between YUV and RGB and does not know the matrix, so FFmpeg takes "
          "BT.601; {} names another",
          filter,
          in_.pixels.is_rgb() ? "scale=out_color_matrix=bt709" : "setparams=colorspace=bt709"));
    return notes;
  }
  Processing processing() const override { return Processing::stream; }
  Order order() const override { return order_; }
  std::unique_ptr<State> begin(const ParallelFor& parallel_for) const override {
    return std::make_unique<Graph>(in_, filter, parallel_for);
  }

  void stream(const Frame& in, State* state, const Emit&) const override {
    auto& graph = static_cast<Graph&>(*state);
    graph.given = in ? 0 : 1;                                   // the end gives none
    if (in || order_ == Order::in_order) graph.graph.push(in);  // else it holds no frames
  }
  Frame next(State* state) const override {
    auto& graph = static_cast<Graph&>(*state);
    Frame out = graph.graph.pull();
    graph.given += static_cast<bool>(out);
    if (order_ == Order::any_order && graph.given != 1)
      fail(Fault::internal, "filter chain \"{}\" made {} frames of one, which its filters never do",
           filter, graph.given);
    return out;
  }

 private:
  struct Graph final : State {
    Graph(const Format& in, const std::string& chain, const ParallelFor& parallel_for)
        : graph(in, chain, parallel_for) {}
    FilterGraph graph;
    int given = 0;  // frames for the latest one
  };

  bool has(std::string_view name) const {
    return std::ranges::find(filters_, name) != filters_.end();
  }

  Format in_;
  std::vector<std::string> filters_;
  bool guesses_matrix_ = false;
  Order order_ = Order::in_order;
};

}  // namespace

StageInfo ffmpeg_stage() {
  return {.name = "ffmpeg",
          .summary = "Run a chain of FFmpeg's video filters",
          .kind = "libavfilter",
          .accepts = Accepts::anything,
          .params = {param("filter", &Ffmpeg::filter,
                           "one chain, as for ffmpeg's -vf: \"eq=contrast=1.1,unsharp\"")
                         .required()
                         .shorthand()},
          .make = make_stage<Ffmpeg>};
}

}  // namespace quadrant
