// SPDX-License-Identifier: MIT
// temporal_denoise: each sample becomes a weighted mean of itself and the same position in the
// frames before and after. The weight falls linearly with the difference and is 0 from `strength`
// on, so whatever moved is left alone rather than smeared: there is no motion search, since a wrong
// vector would do more harm than a skipped sample. Windows are shorter at both ends of the input.
//
// Weights are integers, and the mean is rounded half up exactly: quotients are computed in a
// floating type wide enough for correct rounding, which SIMD divides quickly.
#include <cmath>
#include <cstdlib>
#include <type_traits>
#include <vector>

#include "stages/samples.h"

namespace quadrant {
namespace {

class TemporalDenoise final : public Stage {
 public:
  int strength = 6, past = 1, future = 1;

  Format configure(const Format& in) override { return in; }
  Reach reach() const override { return {.past = past, .future = future}; }
  std::unique_ptr<State> begin(const ParallelFor&) const override {
    return std::make_unique<Sums>();
  }

  void process(const Window& in, const Tile& out, State* state) const override {
    for (int p = 0; p < out.planes(); ++p)
      if (p == alpha_plane || strength == 0)
        copy_plane(in.now(), out, p);
      else
        with_sample_type(out.format(), [&](auto sample) {
          average<decltype(sample)>(in, out, p, static_cast<Sums&>(*state));
        });
  }

 private:
  struct Sums final : State {  // for one row
    std::vector<int> weights, differences;
  };

  template <class T>
  void average(const Window& in, const Tile& out, int plane, Sums& sums) const {
    const Rows rows = out.rows(plane);
    const cv::Mat now = in.now().plane(plane, rows);
    cv::Mat to = out.plane(plane);
    std::vector<cv::Mat> others;
    for (int i = -std::min(past, in.past()); i <= std::min(future, in.future()); ++i)
      if (i != 0) others.push_back(in.at(i).plane(plane, rows));
    for (int y = 0; y < to.rows; ++y) {
      sums.weights.assign(static_cast<std::size_t>(to.cols), strength);
      sums.differences.assign(static_cast<std::size_t>(to.cols), 0);
      for (const cv::Mat& other : others)
        add(now.ptr<T>(y), other.ptr<T>(y), to.cols, out.format().pixels.depth() - 8, sums);
      divide(now.ptr<T>(y), to.ptr<T>(y), to.cols, sums);
    }
  }

  template <class T>
  void add(const T* now, const T* other, int width, int shift, Sums& sums) const {
    int *weights = sums.weights.data(), *differences = sums.differences.data();
    const int limit = strength << shift;
    for (int x = 0; x < width; ++x) {
      const int difference = other[x] - now[x];
      const int weight = std::max(0, limit - std::abs(difference)) >> shift;
      weights[x] += weight;
      differences[x] += weight * difference;
    }
  }

  template <class T>
  static void divide(const T* now, T* to, int width, const Sums& sums) {
    using Quotient = std::conditional_t<sizeof(T) == 1, float, double>;
    constexpr int above_zero = 1 << (8 * sizeof(T));  // makes truncation round down
    const int *weights = sums.weights.data(), *differences = sums.differences.data();
    for (int x = 0; x < width; ++x) {
      const Quotient mean =
          static_cast<Quotient>(differences[x]) / static_cast<Quotient>(weights[x]);
      const int rounded = static_cast<int>(mean + (Quotient(0.5) + above_zero)) - above_zero;
      to[x] = static_cast<T>(now[x] + rounded);
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
