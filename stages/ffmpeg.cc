// SPDX-License-Identifier: MIT
// ffmpeg: any libavfilter chain with one video input and one video output, in the syntax of
// FFmpeg's -vf. Chains that keep nothing from frame to frame run in any order, with one graph per
// worker. All others run in order with one graph; they may hold frames back and change their number
// (fps, select, tinterlace). Those that look at a known number of frames can begin in the middle of
// a film, and so be cut into segments. What a chain keeps is known of some filters
// (known_filters.cc), or the user says it.
#include <fmt/ranges.h>

#include <algorithm>

#include "pipeline/media/filter_chain.h"
#include "pipeline/media/filter_graph.h"
#include "stages/known_filters.h"
#include "stages/samples.h"

namespace quadrant {
namespace {

class Ffmpeg final : public Stage {
 public:
  std::string filter;
  bool stateless = false;
  int memory = -1;  // frames; -1: not said

  Format configure(const Format& in) override {
    in_ = in;
    memory_ = known_memory_of(filter);
    if (stateless) memory_ = FilterMemory{};
    if (memory >= 0) memory_ = FilterMemory{memory, memory};
    const std::string planned = without_written_files(filter);
    const FilterGraph graph(in, planned, [](int, const std::function<void(int)>&) {});
    filters_ = graph.filters();
    check_word(in, graph.output());
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
  Order order() const override {
    return memory_ && memory_->none() ? Order::any_order : Order::in_order;
  }
  std::optional<int> warm_up() const override {
    return memory_ ? std::optional(memory_->before) : std::nullopt;
  }
  std::string why_not_cut() const override {
    return fmt::format(
        "\"{}\" is not known to keep a known number of frames, so a segment cannot begin in the "
        "middle; if it does, memory: N or stateless: true says so",
        first_unknown(filter));
  }
  LookAhead look_ahead() const override { return {.frames = memory_ ? memory_->after : 0}; }
  std::unique_ptr<State> begin(const ParallelFor& parallel_for) const override {
    return std::make_unique<Graph>(in_, filter, parallel_for);
  }

  void stream(const Frame& in, State* state, const Emit&) const override {
    auto& graph = static_cast<Graph&>(*state);
    graph.given = in ? 0 : 1;                                    // the end gives none
    if (in || order() == Order::in_order) graph.graph.push(in);  // else it holds no frames
  }
  Frame next(State* state) const override {
    auto& graph = static_cast<Graph&>(*state);
    Frame out = graph.graph.pull();
    graph.given += static_cast<bool>(out);
    if (order() == Order::any_order && graph.given != 1)
      fail(stateless || memory == 0 ? Fault::input : Fault::internal,
           "filter chain \"{}\" made {} frames of one, which a chain without memory never does",
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

  // What the user says can be true only of a chain that gives a frame for a frame.
  void check_word(const Format& in, const Format& out) const {
    if (!stateless && memory < 0) return;
    if (stateless && memory > 0)
      fail(Fault::usage, "stateless is true, and memory is {}: one of them is wrong", memory);
    const auto movers = filters_that_move_time(filter);
    if (out.frame_rate == in.frame_rate && movers.empty()) return;
    fail(Fault::usage,
         "{} is for chains that give a frame for each frame, and \"{}\" {}; leave it out",
         stateless ? "stateless: true" : "memory", filter,
         movers.empty() ? "changes the frame rate" : "may drop frames or move them in time");
  }

  bool has(std::string_view name) const {
    return std::ranges::find(filters_, name) != filters_.end();
  }

  Format in_;
  std::vector<std::string> filters_;
  bool guesses_matrix_ = false;
  std::optional<FilterMemory> memory_;
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
                         .shorthand(),
                     param("stateless", &Ffmpeg::stateless,
                           "its filters keep nothing from frame to frame: run in any order"),
                     param("memory", &Ffmpeg::memory,
                           "frames before and after a frame that its result depends on; -1: "
                           "not known")
                         .range(-1, 1000)},
          .make = make_stage<Ffmpeg>};
}

}  // namespace quadrant
