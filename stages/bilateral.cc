// SPDX-License-Identifier: MIT
// bilateral: each sample becomes a weighted mean of the samples around it (Tomasi and Manduchi,
// ICCV 1998): near ones count more, and like ones count more, so areas are smoothed and edges stay.
//
// The weight of distance is a Gaussian of `sigma`, cut at 2 sigma; that of difference is Tukey's
// biweight, (1 - (d / strength)^2)^2, which is near a Gaussian and exactly 0 beyond `strength`: a
// sample across an edge does not count at all. Integers; each mean is rounded exactly.
#include <cmath>
#include <limits>
#include <vector>

#include "stages/samples.h"

namespace quadrant {
namespace {

class Bilateral final : public Stage {
 public:
  double sigma = 2, strength = 20;
  bool chroma = true;

  Format configure(const Format& in) override {
    unit_ = 1 << (in.pixels.depth() - 8);
    radius_ = static_cast<int>(std::ceil(2 * sigma));
    likeness_.assign(static_cast<std::size_t>(peak(in)) + 1, 0);
    for (std::size_t d = 0; d < likeness_.size(); ++d) {
      const double part = static_cast<double>(d) / (strength * unit_ + 0.5);
      const double rest = std::max(0.0, 1 - part * part);
      likeness_[d] = static_cast<std::uint16_t>(std::lround(rest * rest * 255));
    }
    neighbours_.clear();
    std::int64_t all = std::int64_t{255} * 255;
    for (int y = -radius_; y <= radius_; ++y)
      for (int x = -radius_; x <= radius_; ++x) {
        const double squared = x * x + y * y, near = std::exp(-squared / (2 * sigma * sigma));
        const auto weight = static_cast<int>(std::lround(255 * near));
        if ((x != 0 || y != 0) && squared <= radius_ * radius_ && weight > 0)
          neighbours_.push_back({x, y, weight}), all += std::int64_t{255} * weight;
      }
    // Damaged samples of more bits may be above the peak.
    narrow_ = in.pixels.depth() == 8 && all * 256 < std::numeric_limits<std::int32_t>::max();
    return in;
  }
  Reach reach() const override { return {.halo = radius_}; }
  std::unique_ptr<State> begin(const ParallelFor&) const override {
    return std::make_unique<Sums>();
  }

  void process(const Window& in, const Tile& out, State* state) const override {
    for (int p = 0; p < out.planes(); ++p)
      if (p == alpha_plane || (is_chroma(p) && !chroma))
        copy_plane(in.now(), out, p);
      else
        with_sample_type(out.format(), [&](auto t) {
          auto& sums = static_cast<Sums&>(*state);
          if (narrow_)
            smooth<decltype(t)>(in.now(), out, p, sums.narrow);
          else
            smooth<decltype(t)>(in.now(), out, p, sums.wide);
        });
  }

 private:
  struct Neighbour {
    int x = 0, y = 0, weight = 0;
  };
  template <class Sum>
  struct Row {
    std::vector<Sum> weights, differences;
  };
  struct Sums final : State {  // of one row
    Row<std::int32_t> narrow;  // if they fit
    Row<std::int64_t> wide;
  };

  template <class T, class Sum>
  void smooth(const View& in, const Tile& out, int plane, Row<Sum>& sums) const {
    const Rows rows = out.rows(plane);
    const int height = out.format().plane_height(plane);
    const Rows near = grown(rows, radius_, height);
    const cv::Mat from = in.plane(plane, near);
    cv::Mat to = out.plane(plane);
    for (int y = 0; y < to.rows; ++y) {
      const int row = rows.begin + y;
      const T* now = from.ptr<T>(row - near.begin);
      sums.weights.assign(static_cast<std::size_t>(to.cols), 255 * 255);
      sums.differences.assign(static_cast<std::size_t>(to.cols), 0);
      for (const Neighbour& n : neighbours_)
        if (row + n.y >= 0 && row + n.y < height)
          add(now, from.ptr<T>(row + n.y - near.begin), n, to.cols, sums);
      divide(now, to.ptr<T>(y), to.cols, sums);
    }
  }

  // What lies outside of the picture does not count.
  template <class T, class Sum>
  void add(const T* now, const T* other, Neighbour n, int width, Row<Sum>& sums) const {
    const std::uint16_t* likeness = likeness_.data();
    Sum *weights = sums.weights.data(), *differences = sums.differences.data();
    const int top = static_cast<int>(likeness_.size()) - 1;
    for (int x = std::max(0, -n.x); x < std::min(width, width - n.x); ++x) {
      const int difference = other[x + n.x] - now[x];
      const int weight = likeness[std::min(std::abs(difference), top)] * n.weight;
      weights[x] += weight;
      differences[x] += Sum{weight} * difference;
    }
  }

  template <class T, class Sum>
  static void divide(const T* now, T* to, int width, const Row<Sum>& sums) {
    for (int x = 0; x < width; ++x) {
      const auto i = static_cast<std::size_t>(x);
      const Sum weight = sums.weights[i], difference = sums.differences[i];
      // Rounded half up: integers would round towards 0.
      const Sum half = weight / 2;
      const Sum mean = difference >= -half ? (difference + half) / weight
                                           : -((-difference + weight - half - 1) / weight);
      to[x] = static_cast<T>(now[x] + mean);
    }
  }

  int unit_ = 1, radius_ = 0;
  bool narrow_ = false;                  // do all sums fit into 32 bits?
  std::vector<std::uint16_t> likeness_;  // by difference, of 255
  std::vector<Neighbour> neighbours_;
};

}  // namespace

StageInfo bilateral_stage() {
  return {.name = "bilateral",
          .summary = "Smooth areas and keep edges (bilateral filter)",
          .kind = "halo",
          .params = {param("strength", &Bilateral::strength,
                           "difference from which a sample does not count, in levels of 8 bits at "
                           "any depth")
                         .range(1, 255)
                         .unit("levels")
                         .shorthand(),
                     param("sigma", &Bilateral::sigma,
                           "standard deviation of the distance; up to 2 sigma away counts")
                         .range(0.5, 8)
                         .unit("samples"),
                     param("chroma", &Bilateral::chroma, "smooth the colours as well")},
          .make = make_stage<Bilateral>};
}

}  // namespace quadrant
