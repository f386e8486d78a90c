// SPDX-License-Identifier: MIT
// A function of one sample, tabulated for every possible value. The table for 16-bit samples always
// has all 65536 values, so that a damaged sample cannot index outside of it. A table that is a
// straight line, to the last value, is computed instead, which SIMD does faster than it looks up.
#pragma once

#include <cmath>
#include <optional>
#include <vector>

#include "stages/kernels/linear.h"
#include "stages/samples.h"

namespace quadrant {

class LookupTable {
 public:
  LookupTable() = default;

  // table[v] = f(v), rounded and limited to the range of the depth.
  template <class Function>
  LookupTable(const Format& format, Function f)
      : table_(format.pixels.bytes_per_sample() == 1 ? 256 : 65536) {
    const int top = peak(format);
    for (int v = 0; v <= top; ++v)
      table_[static_cast<std::size_t>(v)] =
          static_cast<std::uint16_t>(std::lround(std::clamp<double>(f(v), 0, top)));
    std::fill(table_.begin() + top, table_.end(), table_[static_cast<std::size_t>(top)]);
    line_ = straight_line(format.pixels.depth(), f(0), (f(top) - f(0)) / top);
  }

  bool is_line() const { return line_.has_value(); }

  void apply(const View& in, const Tile& out, int plane) const {
    const cv::Mat from = in.plane(plane, out.rows(plane));
    cv::Mat to = out.plane(plane);
    if (line_)
      for (int y = 0; y < to.rows; ++y) kernels::apply(*line_, from.ptr(y), to.cols, to.ptr(y));
    else
      with_sample_type(out.format(), [&](auto sample) { look_up<decltype(sample)>(from, to); });
  }

 private:
  template <class T>
  void look_up(const cv::Mat& from, cv::Mat& to) const {
    const std::uint16_t* table = table_.data();  // in a register: bytes may alias anything
    for (int y = 0; y < to.rows; ++y) {
      const T* a = from.ptr<T>(y);
      T* b = to.ptr<T>(y);
      for (int x = 0; x < to.cols; ++x) b[x] = static_cast<T>(table[a[x]]);
    }
  }

  // The line from `first` at 0 that gives the same table, if there is one. Values in the middle
  // between two results may have been rounded up or down, so the line's neighbours are tried too.
  std::optional<kernels::Linear> straight_line(int depth, double first, double slope) const {
    constexpr double unit = 1 << kernels::Linear::shift;
    if (depth > kernels::Linear::max_depth || std::abs(slope) > 3.9 || std::abs(first) > 8191)
      return {};
    for (int step : {0, 1, -1, 2, -2, 4, -4, 8, -8, 16, -16, 32, -32, 64, -64, 128, -128})
      for (int tilt : {0, -1, 1}) {
        const kernels::Linear line{static_cast<int>(std::lround(slope * unit)) + tilt,
                                   static_cast<int>(std::lround((first + 0.5) * unit)) + step,
                                   depth};
        if (gives_table(line)) return line;
      }
    return {};
  }

  bool gives_table(const kernels::Linear& line) const {
    const int top = (1 << line.depth) - 1;
    for (int v = 0; v <= top; ++v) {
      const int result = (v * line.factor + line.offset) >> kernels::Linear::shift;
      if (std::clamp(result, 0, top) != table_[static_cast<std::size_t>(v)]) return false;
    }
    return true;
  }

  std::vector<std::uint16_t> table_;
  std::optional<kernels::Linear> line_;
};

}  // namespace quadrant
