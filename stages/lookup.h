// SPDX-License-Identifier: MIT
// A function of one sample, tabulated for every possible value. The table for 16-bit samples always
// has all 65536 values, so that a damaged sample cannot index outside of it.
#pragma once

#include <cmath>
#include <vector>

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
  }

  void apply(const View& in, const Tile& out, int plane) const {
    with_sample_type(out.format(), [&](auto sample) {
      using T = decltype(sample);
      const cv::Mat from = in.plane(plane, out.rows(plane));
      cv::Mat to = out.plane(plane);
      const std::uint16_t* table = table_.data();  // in a register: bytes may alias anything
      for (int y = 0; y < to.rows; ++y) {
        const T* a = from.ptr<T>(y);
        T* b = to.ptr<T>(y);
        for (int x = 0; x < to.cols; ++x) b[x] = static_cast<T>(table[a[x]]);
      }
    });
  }

 private:
  std::vector<std::uint16_t> table_;
};

}  // namespace quadrant
