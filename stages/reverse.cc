// SPDX-License-Identifier: MIT
// reverse: the last frame first. All frames are kept in memory until the input ends, so it is for
// short clips; the planner refuses what does not fit.
//
// Each frame is shown as long as it was, so where the rate varies, times are mirrored. (FFmpeg's
// `reverse` gives the frames the input's times in their old order; at a constant rate both are the
// same.)
#include <vector>

#include "stages/samples.h"

namespace quadrant {
namespace {

class Reverse final : public Stage {
 public:
  Format configure(const Format& in) override { return in; }
  Processing processing() const override { return Processing::stream; }
  Order order() const override { return Order::in_order; }
  bool keeps_all_frames() const override { return true; }
  std::vector<std::string> notes() const override {
    return {"only the picture is reversed; sound, subtitles and chapters stay as they are"};
  }
  std::unique_ptr<State> begin(const ParallelFor&) const override {
    return std::make_unique<All>();
  }

  void stream(const Frame& in, State* state, const Emit&) const override {
    auto& all = static_cast<All&>(*state);
    if (in) return all.frames.push_back(in);
    all.is_whole = true;
    if (all.frames.empty()) return;
    const Frame& last = all.frames.back();
    all.end = last.pts() + std::max<std::int64_t>(last.duration(), 1);
    all.shown = all.frames.front().pts();
  }
  Frame next(State* state) const override {
    auto& all = static_cast<All&>(*state);
    if (!all.is_whole || all.frames.empty()) return {};
    const std::int64_t begin = all.frames.back().pts(), length = all.end - begin;
    Frame made = all.frames.back().at(all.shown, length);
    all.shown += length;
    all.end = begin;
    all.frames.pop_back();
    return made;
  }

 private:
  struct All final : State {
    std::vector<Frame> frames;
    bool is_whole = false;
    std::int64_t end = 0, shown = 0;  // of the next one in the input; its time in the output
  };
};

}  // namespace

StageInfo reverse_stage() {
  return {.name = "reverse",
          .summary = "Play a short clip backwards",
          .kind = "in order",
          .accepts = Accepts::anything,
          .make = make_stage<Reverse>};
}

}  // namespace quadrant
