// SPDX-License-Identifier: MIT
// every: one frame of so many, or the first one of each stretch of so many seconds. A frame that is
// kept keeps its time, and is shown until the next one that is: the film stays as long as it was,
// and in sync with its sound.
//
// By time, a frame is kept that lies in another stretch than the one before it; nothing else of the
// past counts, so an input can be cut into segments. By number, all frames before must be counted.
#include <cmath>

#include "stages/rate.h"
#include "stages/samples.h"

namespace quadrant {
namespace {

class Every final : public Stage {
 public:
  std::int64_t frames = 0;
  double seconds = 0;

  Format configure(const Format& in) override {
    if ((frames > 0) == (seconds > 0))
      fail(Fault::usage, "takes either frames or seconds: {{frames: 10}} or {{seconds: 2}}");
    tick_ = in.time_base;
    return in;
  }
  Processing processing() const override { return Processing::stream; }
  Order order() const override { return Order::in_order; }
  std::optional<int> warm_up() const override {
    return seconds > 0 ? std::optional<int>(1) : std::nullopt;
  }
  LookAhead look_ahead() const override { return {.frames = 1, .seconds = seconds}; }
  std::optional<double> spacing() const override { return 0; }
  std::unique_ptr<State> begin(const ParallelFor&) const override {
    return std::make_unique<Kept>();
  }

  void stream(const Frame& in, State* state, const Emit& emit) const override {
    auto& kept = static_cast<Kept&>(*state);
    if (in && !is_next(kept, in)) {
      kept.end = in.pts() + in.duration();
      return;
    }
    if (kept.frame) {
      const std::int64_t begin = kept.frame.pts(), end = in ? in.pts() : kept.end;
      emit(kept.frame.at(begin, std::max<std::int64_t>(end - begin, 0)));
    }
    kept.frame = in;
    if (in) kept.end = in.pts() + in.duration();
  }

 private:
  struct Kept final : State {
    Frame frame;
    std::int64_t end = 0;  // of the last frame that was seen
    std::int64_t seen = 0;
    std::int64_t stretch = 0;
  };

  bool is_next(Kept& kept, const Frame& in) const {
    if (frames > 0) return kept.seen++ % frames == 0;
    const std::int64_t stretch = stretch_of(in.pts());
    const bool is_first = !kept.frame || stretch > kept.stretch;
    if (is_first) kept.stretch = stretch;
    return is_first;
  }

  // Stretches begin at multiples of `seconds`, which count to the microsecond.
  std::int64_t stretch_of(std::int64_t pts) const {
    constexpr std::int64_t micro = 1'000'000;
    __extension__ using Wide = __int128;
    const Wide time = Wide{pts} * tick_.num * micro;
    const Wide length = Wide{tick_.den} * std::llround(seconds * micro);
    return static_cast<std::int64_t>(time / length - (time % length < 0 ? 1 : 0));
  }

  Rational tick_;
};

}  // namespace

StageInfo every_stage() {
  return {.name = "every",
          .summary = "Keep one frame of many, by number or by time",
          .kind = "in order",
          .accepts = Accepts::anything,
          .params = {param("frames", &Every::frames,
                           "keeps the first of each so many; all before are counted, so the "
                           "input is not cut into segments")
                         .range(0, 1e6)
                         .unit("frames"),
                     param("seconds", &Every::seconds,
                           "keeps the first frame in each so many seconds of the input")
                         .range(0, 86400)
                         .unit("s")},
          .make = make_stage<Every>};
}

}  // namespace quadrant
