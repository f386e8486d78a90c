// SPDX-License-Identifier: MIT
// fps: a constant frame rate. Frames are dropped and repeated, none is made anew. The output counts
// time in frames of its rate, from 0 on the input's clock: an input frame goes to the slot that is
// nearest to its time, and a slot shows the last frame that went there or before. That is the rule
// of FFmpeg's `fps` (round=near), and so are the first slot, which is the first frame's, and the
// last one, before the slot of the end of the last frame.
//
// What a slot shows depends on the times of the frames around it, not on a count, so an input can
// be cut: a segment wants the frame before its first one, and the one after its last.
#include "stages/rate.h"
#include "stages/samples.h"

namespace quadrant {
namespace {

class Fps final : public Stage {
 public:
  std::string rate;

  Format configure(const Format& in) override {
    Format out = in;
    out.frame_rate = rate_named(rate);
    out.time_base = {out.frame_rate.den, out.frame_rate.num};
    in_ = in.time_base;
    return out_ = out;
  }
  Processing processing() const override { return Processing::stream; }
  Order order() const override { return Order::in_order; }
  std::optional<int> warm_up() const override { return 1; }
  LookAhead look_ahead() const override { return {.frames = 1}; }
  std::optional<double> spacing() const override { return out_.time_base.value(); }
  std::unique_ptr<State> begin(const ParallelFor&) const override {
    return std::make_unique<Held>();
  }

  void stream(const Frame& in, State* state, const Emit&) const override {
    auto& held = static_cast<Held&>(*state);
    if (!held.frame && in) held.next = slot(in.pts());
    held.shown = held.frame;
    if (held.shown) held.until = slot(in ? in.pts() : held.shown.pts() + held.shown.duration());
    held.frame = in;
  }
  Frame next(State* state) const override {
    auto& held = static_cast<Held&>(*state);
    if (!held.shown || held.next >= held.until) return {};
    Frame made = held.shown.at(held.next++, 1, out_);
    held.shown = held.shown.without_captions();
    return made;
  }

 private:
  struct Held final : State {
    Frame frame;                       // the latest
    Frame shown;                       // the one before, in all slots before `until`
    std::int64_t next = 0, until = 0;  // the slot that is to be filled, and the first that is not
  };

  std::int64_t slot(std::int64_t pts) const { return rescaled_near(pts, in_, out_.time_base); }

  Rational in_;  // seconds per tick
  Format out_;
};

}  // namespace

StageInfo fps_stage() {
  return {.name = "fps",
          .summary = "Make the frame rate constant: drop and repeat frames",
          .kind = "in order",
          .accepts = Accepts::anything,
          .params = {param("rate", &Fps::rate, "frames per second: 25, 23.976 or 30000/1001")
                         .required()
                         .shorthand()},
          .make = make_stage<Fps>};
}

}  // namespace quadrant
