// SPDX-License-Identifier: MIT
// Two kinds of arithmetic. The narrow one takes samples as 15-bit fractions, so that the sum of two
// mirrored ones fits into 16 bits, and keeps only the upper half of each product: one SSE2
// instruction for 8 samples. Each product loses half a unit on average, which is added beforehand.
// As long as there are fewer weights than half the units of a sample, a flat picture stays
// unchanged. That holds for 8 bits up to the largest sigma, and for 10 bits up to 4.6. The wide
// one, for all other cases, sums whole products in 32 bits, at three times the cost.
//
// Compilers can turn the loops into SIMD; the results do not depend on whether they do.
#include "stages/gaussian.h"

#include <cmath>
#include <opencv2/imgproc.hpp>

namespace quadrant {
namespace {

std::uint16_t upper_half(std::uint16_t a, std::uint16_t b) {
  return static_cast<std::uint16_t>((std::uint32_t{a} * b) >> 16);
}

std::uint16_t bias(const std::vector<std::uint16_t>& weights) {
  return static_cast<std::uint16_t>(weights.size() / 2);
}

// out = weighted mean of 2 * radius + 1 lines, the middle one at lines[0], times `unit`.
template <class T>
void mean_of_lines(const std::uint8_t* const* lines, const std::vector<std::uint16_t>& weights,
                   std::uint16_t unit, int width, std::uint16_t* out) {
  const auto line = [lines](int i) { return reinterpret_cast<const T*>(lines[i]); };
  const std::uint16_t start = bias(weights), first_weight = weights[0];
  const T* middle = line(0);
  for (int x = 0; x < width; ++x)
    out[x] = static_cast<std::uint16_t>(
        start + upper_half(static_cast<std::uint16_t>(middle[x] * unit), first_weight));
  for (int i = 1; i < static_cast<int>(weights.size()); ++i) {
    const T *above = line(-i), *below = line(i);
    const std::uint16_t w = weights[static_cast<std::size_t>(i)];
    for (int x = 0; x < width; ++x)
      out[x] = static_cast<std::uint16_t>(
          out[x] + upper_half(static_cast<std::uint16_t>((above[x] + below[x]) * unit), w));
  }
}

// The same along a line of 15-bit fractions; `in` has `radius` samples before and after it.
void mean_along(const std::uint16_t* in, const std::vector<std::uint16_t>& weights, int width,
                std::uint16_t* out) {
  const std::uint16_t start = bias(weights), middle = weights[0];
  for (int x = 0; x < width; ++x)
    out[x] = static_cast<std::uint16_t>(start + upper_half(in[x], middle));
  for (int i = 1; i < static_cast<int>(weights.size()); ++i) {
    const std::uint16_t *left = in - i, *right = in + i;
    const std::uint16_t w = weights[static_cast<std::size_t>(i)];
    for (int x = 0; x < width; ++x)
      out[x] = static_cast<std::uint16_t>(
          out[x] + upper_half(static_cast<std::uint16_t>(left[x] + right[x]), w));
  }
}

// 16-bit products, one line at a time: in (a + b) * w one factor has 17 bits, which takes SSE2
// twice as long.
void add_words(const std::uint16_t* line, std::uint16_t weight, int width, std::uint32_t* sums) {
  for (int x = 0; x < width; ++x) sums[x] += std::uint32_t{line[x]} * weight;
}

// For 16-bit samples: `pair(i)` gives the two lines at distance i; sums >> shift goes to `out`. The
// middle weight may be 1, which does not fit into 16 bits, so its difference from 1 is subtracted
// instead.
template <class Pair>
void mean_of_words(Pair pair, const std::vector<std::uint16_t>& weights, std::uint16_t lacking,
                   int width, int shift, std::uint32_t* sums, std::uint16_t* out) {
  const std::uint16_t* line = pair(0).first;
  const std::uint32_t half = std::uint32_t{1} << (shift - 1);
  for (int x = 0; x < width; ++x)
    sums[x] = half + (std::uint32_t{line[x]} << 16) - std::uint32_t{line[x]} * lacking;
  for (int i = 1; i < static_cast<int>(weights.size()); ++i) {
    const std::uint16_t w = weights[static_cast<std::size_t>(i)];
    add_words(pair(i).first, w, width, sums);
    add_words(pair(i).second, w, width, sums);
  }
  for (int x = 0; x < width; ++x) out[x] = static_cast<std::uint16_t>(sums[x] >> shift);
}

int mirrored(int at, int size) { return cv::borderInterpolate(at, size, cv::BORDER_REFLECT_101); }

void mirror_ends(std::uint16_t* line, int width, int radius) {
  for (int i = 1; i <= radius; ++i) {
    line[-i] = line[mirrored(-i, width)];
    line[width - 1 + i] = line[mirrored(width - 1 + i, width)];
  }
}

const std::uint16_t* words(const std::uint8_t* line) {
  return reinterpret_cast<const std::uint16_t*>(line);
}

}  // namespace

Gaussian::Gaussian(double sigma, const Format& format) : depth_(format.pixels.depth()) {
  const int radius = static_cast<int>(std::ceil(3 * sigma));
  narrow_ = 2 * (radius + 1) < (1 << 15) >> depth_;  // units of a sample, see the top of this file
  fraction_bits_ = narrow_ ? 15 - depth_ : 16 - depth_;
  std::vector<double> exact(static_cast<std::size_t>(radius) + 1);
  double sum = 0;
  for (int i = 0; i <= radius; ++i) {
    exact[static_cast<std::size_t>(i)] = std::exp(-i * i / (2 * sigma * sigma));
    sum += exact[static_cast<std::size_t>(i)] * (i == 0 ? 1 : 2);
  }
  weights_.assign(exact.size(), 0);
  int others = 0;
  for (std::size_t i = 1; i < exact.size(); ++i) {
    weights_[i] = static_cast<std::uint16_t>(std::lround(exact[i] / sum * 65536));
    others += 2 * weights_[i];
  }
  lacking_ = static_cast<std::uint16_t>(others);
  weights_[0] = static_cast<std::uint16_t>(std::min(65536 - others, 65535));
}

const std::uint16_t* Gaussian::row(const View& in, int plane, int row, Scratch& s) const {
  const int height = in.format().plane_height(plane);
  // Uses a range of rows, since OpenCV refuses a row that is not in memory.
  const Rows near = grown({row, row + 1}, radius(), height);
  const cv::Mat samples = in.plane(plane, near);
  const int width = samples.cols;
  s.lines.resize(static_cast<std::size_t>(2 * radius() + 1));
  s.across.resize(static_cast<std::size_t>(width + 2 * radius()));
  s.result.resize(static_cast<std::size_t>(width));
  const std::uint8_t** lines = s.lines.data() + radius();
  for (int i = -radius(); i <= radius(); ++i)
    lines[i] = samples.ptr(mirrored(row + i, height) - near.begin);
  std::uint16_t* across = s.across.data() + radius();
  if (narrow_) {
    const auto unit = static_cast<std::uint16_t>(1 << fraction_bits_);
    if (depth_ == 8)
      mean_of_lines<std::uint8_t>(lines, weights_, unit, width, across);
    else
      mean_of_lines<std::uint16_t>(lines, weights_, unit, width, across);
    mirror_ends(across, width, radius());
    mean_along(across, weights_, width, s.result.data());
    return s.result.data();
  }
  s.sums.resize(static_cast<std::size_t>(width));
  // Weights have 16 bits and samples depth_ bits: this shift leaves 16 bits, including the
  // fraction.
  mean_of_words([&](int i) { return std::pair(words(lines[-i]), words(lines[i])); }, weights_,
                lacking_, width, depth_, s.sums.data(), across);
  mirror_ends(across, width, radius());
  mean_of_words(
      [&](int i) {
        return std::pair<const std::uint16_t*, const std::uint16_t*>(across - i, across + i);
      },
      weights_, lacking_, width, 16, s.sums.data(), s.result.data());
  return s.result.data();
}

}  // namespace quadrant
