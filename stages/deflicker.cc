// SPDX-License-Identifier: MIT
// deflicker: evens out the brightness of time lapses and of old film. Each frame's luma is scaled,
// around nominal black, so that its mean becomes the mean of the last `frames` frames. That mean
// ignores frames whose own mean differs by more than `limit`: across a cut or in a fade there is
// nothing to even out, and the picture is not changed. libavfilter's deflicker looks ahead and
// keeps its history forever; this one depends only on the last `frames` input frames, so an input
// can be cut anywhere with a warm-up of frames - 1.
//
// Chroma and alpha are copied.
#include <algorithm>
#include <cmath>
#include <deque>

#include "stages/lookup.h"

namespace quadrant {
namespace {

class Deflicker final : public Stage {
 public:
  int frames = 5;
  double limit = 0.2;

  Format configure(const Format& in) override { return in; }
  Order order() const override { return Order::in_order; }
  Reach reach() const override { return {.space = Reach::Space::frame}; }
  std::optional<int> warm_up() const override { return frames - 1; }
  std::unique_ptr<State> begin(const ParallelFor&) const override {
    return std::make_unique<Memory>();
  }

  void process(const Window& in, const Tile& out, State* state) const override {
    const double change = gain(brightness(in.now()), static_cast<Memory&>(*state).means);
    if (change == 1)
      copy_plane(in.now(), out, luma_plane);
    else
      scaled(out.format(), change).apply(in.now(), out, luma_plane);
    for (int p = 1; p < out.planes(); ++p) copy_plane(in.now(), out, p);
  }

 private:
  struct Memory final : State {
    std::deque<double> means;  // of the last frames, the current one last
  };

  // Mean luma above black. Sums of samples are integers far below 2^53, so they are exact.
  static double brightness(const View& in) {
    const cv::Mat luma = in.plane(luma_plane);
    return cv::sum(luma)[0] / static_cast<double>(luma.total()) - black(in.format());
  }

  double gain(double now, std::deque<double>& means) const {
    means.push_back(now);
    if (means.size() > static_cast<std::size_t>(frames)) means.pop_front();
    if (now <= 0) return 1;  // nothing above black
    double sum = 0;
    int alike = 0;
    for (double mean : means)
      if (std::abs(mean - now) <= limit * now) {
        sum += mean;
        ++alike;
      }
    return sum / alike / now;
  }

  static LookupTable scaled(const Format& format, double gain) {
    const int low = black(format);
    return {format, [=](int v) { return low + std::round((v - low) * gain); }};
  }
};

}  // namespace

StageInfo deflicker_stage() {
  return {.name = "deflicker",
          .summary = "Even out the brightness from frame to frame",
          .kind = "in order",
          .params = {param("frames", &Deflicker::frames,
                           "how many are averaged: the current one and those before")
                         .range(2, 250)
                         .unit("frames")
                         .shorthand(),
                     param("limit", &Deflicker::limit,
                           "relative difference above which it is a cut or a fade, not flicker")
                         .range(0, 1)},
          .make = make_stage<Deflicker>};
}

}  // namespace quadrant
