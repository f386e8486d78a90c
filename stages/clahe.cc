// SPDX-License-Identifier: MIT
// clahe: contrast limited adaptive histogram equalization of luma (Zuiderveld, Graphics Gems IV,
// 1994). The picture is divided into a grid of regions. Each gets the curve that would spread its
// own histogram evenly, but no bin may hold more than clip_limit times the mean, which bounds the
// slope and so the noise. Between the regions' centres the four nearest curves are blended.
//
// Not OpenCV's, because of bit depth: OpenCV has 65536 bins for anything above 8 bits, so nearly
// all of a 10-bit picture is clipped, and it looks nothing like its 8-bit copy. Here every depth
// has 256 bins, one per level of 8 bits; values between two levels are interpolated. All arithmetic
// is in integers: the same on every machine. For 8 bits it is within 2 of OpenCV's result (which
// gives the remainder of the clipping to the dark levels) at OpenCV's speed, 4 ms at 1080p; 10 bits
// take 7 ms. It needs the whole frame before the first row, so it is not tiled.
//
// Blending has two steps, since all samples of a row share the vertical weights: first the upper
// and lower curves are blended into one curve per column of regions, then, for each sample, the
// left and right of these.
#include <array>
#include <vector>

#include "stages/samples.h"

namespace quadrant {
namespace {

constexpr int bins = 256;
constexpr int blend_bits = 12;  // bits of the blend weights
constexpr int curve_bits = 19;  // bits of a curve's value; its product with a weight then has 31

// The new value for each level of 8 bits; the last one twice, for interpolation above it.
using Curve = std::array<std::uint32_t, bins + 1>;

// One axis of the grid: where regions start, and which two are blended at each position.
struct Axis {
  std::vector<int> begins;  // and the end of the last
  std::vector<int> first, second;
  std::vector<std::uint32_t> of_second;  // 0..2^blend_bits

  Axis(int size, int wanted) {
    const int regions = std::min(size, wanted);
    for (int i = 0; i <= regions; ++i)
      begins.push_back(static_cast<int>(std::int64_t{i} * size / regions));
    for (int at = 0, i = -1; at < size; ++at) {
      while (i + 1 < regions && 2 * at >= twice_centre(i + 1)) ++i;
      const bool between = i >= 0 && i + 1 < regions;
      first.push_back(std::max(i, 0));
      second.push_back(between ? i + 1 : first.back());
      of_second.push_back(between ? share(2 * at, twice_centre(i), twice_centre(i + 1)) : 0);
    }
  }

  int regions() const { return static_cast<int>(begins.size()) - 1; }
  int twice_centre(int i) const {
    return begins[static_cast<std::size_t>(i)] + begins[static_cast<std::size_t>(i) + 1];
  }
  static std::uint32_t share(int at, int from, int to) {
    return static_cast<std::uint32_t>(((at - from) << blend_bits) / (to - from));
  }
};

std::uint32_t blend(std::uint32_t a, std::uint32_t b, std::uint32_t of_b) {
  return a * ((1u << blend_bits) - of_b) + b * of_b;
}

// Spreads the excess above the limit over all bins, the remainder at even distances.
void clip(std::array<int, bins>& histogram, int limit) {
  int excess = 0;
  for (int& count : histogram) {
    excess += std::max(0, count - limit);
    count = std::min(count, limit);
  }
  for (int& count : histogram) count += excess / bins;
  const int rest = excess % bins;
  for (int i = 0; i < rest; ++i) ++histogram[static_cast<std::size_t>(i * bins / rest)];
}

class Clahe final : public Stage {
 public:
  double clip_limit = 2;
  int grid = 8;

  Format configure(const Format& in) override {
    depth_ = in.pixels.depth();
    return in;
  }
  Reach reach() const override { return {.space = Reach::Space::frame}; }
  std::unique_ptr<State> begin(const ParallelFor&) const override {
    return std::make_unique<Curves>();
  }

  void process(const Window& in, const Tile& out, State* state) const override {
    with_sample_type(out.format(), [&](auto sample) {
      equalize<decltype(sample)>(in.now().plane(luma_plane), out.plane(luma_plane),
                                 static_cast<Curves&>(*state));
    });
    for (int p = 1; p < out.planes(); ++p) copy_plane(in.now(), out, p);
  }

 private:
  struct Curves final : State {
    std::vector<Curve> regions, row;
  };

  template <class T>
  void equalize(const cv::Mat& from, cv::Mat to, Curves& curves) const {
    const Axis across(from.cols, grid), down(from.rows, grid);
    curves.regions.clear();
    for (int y = 0; y < down.regions(); ++y)
      for (int x = 0; x < across.regions(); ++x)
        curves.regions.push_back(curve_of<T>(region(from, across, x, down, y)));
    curves.row.resize(static_cast<std::size_t>(across.regions()));
    for (int y = 0; y < from.rows; ++y) {
      blend_curves(down, y, curves);
      map_row(from.ptr<T>(y), to.ptr<T>(y), across, curves.row);
    }
  }

  static cv::Mat region(const cv::Mat& all, const Axis& across, int x, const Axis& down, int y) {
    const auto i = static_cast<std::size_t>(x), j = static_cast<std::size_t>(y);
    return all.rowRange(down.begins[j], down.begins[j + 1])
        .colRange(across.begins[i], across.begins[i + 1]);
  }

  template <class T>
  Curve curve_of(const cv::Mat& region) const {
    std::array<int, bins> histogram{};
    const int shift = depth_ - 8, half = (1 << shift) / 2;
    for (int y = 0; y < region.rows; ++y) {
      const T* row = region.ptr<T>(y);
      for (int x = 0; x < region.cols; ++x)
        ++histogram[static_cast<std::size_t>(std::min((row[x] + half) >> shift, bins - 1))];
    }
    const std::int64_t total = std::int64_t{region.rows} * region.cols;
    clip(histogram, std::max(1, static_cast<int>(clip_limit * static_cast<double>(total) / bins)));
    const std::int64_t top = std::int64_t{(1 << depth_) - 1} << (curve_bits - depth_);
    Curve curve{};
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < bins; ++i) {
      sum += histogram[i];
      curve[i] = static_cast<std::uint32_t>((sum * top + total / 2) / total);
    }
    curve[bins] = curve[bins - 1];
    return curve;
  }

  static void blend_curves(const Axis& down, int y, Curves& curves) {
    const auto i = static_cast<std::size_t>(y), columns = curves.row.size();
    const Curve* upper = curves.regions.data() + static_cast<std::size_t>(down.first[i]) * columns;
    const Curve* lower = curves.regions.data() + static_cast<std::size_t>(down.second[i]) * columns;
    for (std::size_t x = 0; x < columns; ++x)
      for (std::size_t bin = 0; bin <= bins; ++bin)
        curves.row[x][bin] = blend(upper[x][bin], lower[x][bin], down.of_second[i]) >> blend_bits;
  }

  // In runs of samples that blend the same two curves.
  template <class T>
  void map_row(const T* from, T* to, const Axis& across, const std::vector<Curve>& curves) const {
    constexpr std::uint32_t one = 1;
    const int shift = blend_bits + curve_bits - depth_;
    const std::size_t width = across.first.size();
    for (std::size_t begin = 0, x = 0; begin < width; begin = x) {
      const Curve& left = curves[static_cast<std::size_t>(across.first[begin])];
      const Curve& right = curves[static_cast<std::size_t>(across.second[begin])];
      for (; x < width && across.first[x] == across.first[begin] &&
             across.second[x] == across.second[begin];
           ++x) {
        const std::uint32_t value = std::min<std::uint32_t>(from[x], (one << depth_) - 1);
        const std::uint32_t mixed =
            blend(at<T>(left, value), at<T>(right, value), across.of_second[x]);
        to[x] = static_cast<T>((mixed + (one << (shift - 1))) >> shift);
      }
    }
  }

  template <class T>
  std::uint32_t at(const Curve& curve, std::uint32_t value) const {
    if constexpr (sizeof(T) == 1) return curve[value];
    const int shift = depth_ - 8;
    const std::uint32_t level = value >> shift, beyond = value & ((1u << shift) - 1);
    return curve[level] + (((curve[level + 1] - curve[level]) * beyond) >> shift);
  }

  int depth_ = 8;
};

}  // namespace

StageInfo clahe_stage() {
  return {.name = "clahe",
          .summary = "Even out the contrast of each region of the luma (CLAHE)",
          .kind = "whole frame",
          .params = {param("clip_limit", &Clahe::clip_limit,
                           "bound of the slope: how many times the mean a bin may hold")
                         .range(1, 40)
                         .shorthand(),
                     param("grid", &Clahe::grid, "regions along each side").range(1, 64)},
          .make = make_stage<Clahe>};
}

}  // namespace quadrant
