// SPDX-License-Identifier: MIT
// edges: draws the edges of the luma: the length of its gradient by Sobel's operator (3 x 3), so
// that a step from black to white is white at `gain` 1. Lines below `threshold` are left out. With
// `over: true` the lines are drawn dark over the picture, as in a comic; otherwise they are white
// on black, without colours. At the picture's edge samples are repeated.
//
// A root of integers below 2^53 is rounded exactly by IEEE 754, on every machine.
#include <cmath>
#include <vector>

#include "stages/samples.h"

namespace quadrant {
namespace {

class Edges final : public Stage {
 public:
  double gain = 1, threshold = 0.05;
  bool over = false;

  Format configure(const Format& in) override {
    const double span = white(in) - black(in);
    factor_ = std::llround(gain / 4 * (1 << gain_bits));  // a step gives 4 times its height
    least_ = static_cast<int>(std::lround(threshold * span));
    black_ = black(in), span_ = white(in) - black(in);
    return in;
  }
  Reach reach() const override { return {.halo = 1}; }

  void process(const Window& in, const Tile& out, State*) const override {
    with_sample_type(out.format(), [&](auto t) { draw<decltype(t)>(in.now(), out); });
    for (int p = 1; p < out.planes(); ++p)
      if (is_chroma(p) && !over)
        out.plane(p).setTo(neutral_chroma(out.format()));
      else
        copy_plane(in.now(), out, p);
  }

 private:
  static constexpr int gain_bits = 16;

  template <class T>
  void draw(const View& in, const Tile& out) const {
    const Rows rows = out.rows(luma_plane);
    const int height = out.format().height;
    const Rows near = grown(rows, 1, height);
    const cv::Mat from = in.plane(luma_plane, near);
    cv::Mat to = out.plane(luma_plane);
    for (int y = 0; y < to.rows; ++y) {
      const int row = rows.begin + y - near.begin;
      const T* above = from.ptr<T>(std::max(0, row - 1));
      const T* below = from.ptr<T>(std::min(from.rows - 1, row + 1));
      const T* now = from.ptr<T>(row);
      T* there = to.ptr<T>(y);
      const int last = to.cols - 1;
      for (int x = 0; x <= last; ++x)
        there[x] = drawn(now[x],
                         gradient(above, now, below, std::max(0, x - 1), x, std::min(last, x + 1)));
    }
  }

  template <class T>
  static double gradient(const T* above, const T* now, const T* below, int left, int x, int right) {
    const std::int64_t across =
        above[right] + 2 * now[right] + below[right] - above[left] - 2 * now[left] - below[left];
    const std::int64_t down =
        below[left] + 2 * below[x] + below[right] - above[left] - 2 * above[x] - above[right];
    return std::sqrt(static_cast<double>(across * across + down * down));
  }

  template <class T>
  T drawn(T now, double gradient) const {
    constexpr double half = 0.5;  // a gradient is not negative
    const std::int64_t length =
        (static_cast<std::int64_t>(gradient + half) * factor_ + (1 << (gain_bits - 1))) >>
        gain_bits;
    const auto line = static_cast<int>(std::min<std::int64_t>(length, span_));
    const int seen = line < least_ ? 0 : line;
    return static_cast<T>(over ? std::max(std::min<int>(now, black_), now - seen) : black_ + seen);
  }

  std::int64_t factor_ = 0;
  int least_ = 0, black_ = 0, span_ = 0;
};

}  // namespace

StageInfo edges_stage() {
  return {
      .name = "edges",
      .summary = "Draw the edges of the luma",
      .kind = "halo",
      .params = {param("gain", &Edges::gain, "factor; at 1 a step from black to white is white")
                     .range(0, 16)
                     .shorthand(),
                 param("threshold", &Edges::threshold,
                       "weaker lines are left out; 1 is the span from black to white")
                     .range(0, 1),
                 param("over", &Edges::over, "draw dark lines over the picture, in its colours")},
      .make = make_stage<Edges>};
}

}  // namespace quadrant
