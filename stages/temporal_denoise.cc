// SPDX-License-Identifier: MIT
// temporal_denoise: each sample becomes a weighted mean of itself and the same position in the
// frames before and after. The weight falls linearly with the difference and is 0 from `strength`
// on, so whatever moved is left alone rather than smeared: there is no motion search, since a wrong
// vector would do more harm than a skipped sample. Windows are shorter at both ends of the input.
//
// The arithmetic, in whole numbers, is in kernels/temporal_mean.h.
#include <array>

#include "stages/kernels/temporal_mean.h"
#include "stages/samples.h"

namespace quadrant {
namespace {

class TemporalDenoise final : public Stage {
 public:
  int strength = 6, past = 1, future = 1;

  Format configure(const Format& in) override { return in; }
  Reach reach() const override { return {.past = past, .future = future}; }

  void process(const Window& in, const Tile& out, State*) const override {
    for (int p = 0; p < out.planes(); ++p)
      if (p == alpha_plane || strength == 0)
        copy_plane(in.now(), out, p);
      else
        average(in, out, p);
  }

 private:
  static constexpr std::size_t most_others = 8;  // four to each side

  void average(const Window& in, const Tile& out, int plane) const {
    const Rows rows = out.rows(plane);
    const cv::Mat now = in.now().plane(plane, rows);
    cv::Mat to = out.plane(plane);
    std::array<cv::Mat, most_others> others;
    std::size_t count = 0;
    for (int i = -std::min(past, in.past()); i <= std::min(future, in.future()); ++i)
      if (i != 0) others[count++] = in.at(i).plane(plane, rows);
    std::array<const std::uint8_t*, most_others> lines{};
    for (int y = 0; y < to.rows; ++y) {
      for (std::size_t i = 0; i < count; ++i) lines[i] = others[i].ptr(y);
      kernels::temporal_mean(now.ptr(y), lines.data(), static_cast<int>(count), strength,
                             out.format().pixels.depth(), to.cols, to.ptr(y));
    }
  }
};

}  // namespace

StageInfo temporal_denoise_stage() {
  return {
      .name = "temporal_denoise",
      .summary = "Average each sample over time where nothing moves",
      .kind = "window",
      .params = {param("strength", &TemporalDenoise::strength,
                       "difference taken for motion, in levels of 8 bits at any depth; 0 changes "
                       "nothing")
                     .range(0, 32)
                     .unit("levels")
                     .shorthand(),
                 param("past", &TemporalDenoise::past, "frames before the current one")
                     .range(0, 4)
                     .unit("frames"),
                 param("future", &TemporalDenoise::future, "frames after the current one")
                     .range(0, 4)
                     .unit("frames")},
      .make = make_stage<TemporalDenoise>};
}

}  // namespace quadrant
