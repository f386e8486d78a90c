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

  void stream(const Frame& in, State* state, const Emit& emit) const override {
    auto& frames = static_cast<All&>(*state).frames;
    if (in) return frames.push_back(in);
    if (frames.empty()) return;
    std::int64_t end = frames.back().pts() + std::max<std::int64_t>(frames.back().duration(), 1);
    std::int64_t shown = frames.front().pts();
    for (; !frames.empty(); frames.pop_back()) {
      const std::int64_t begin = frames.back().pts(), length = end - begin;
      emit(frames.back().at(shown, length));
      shown += length;
      end = begin;
    }
  }

 private:
  struct All final : State {
    std::vector<Frame> frames;
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
