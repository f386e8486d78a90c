// SPDX-License-Identifier: MIT
// Two kinds of arithmetic. Bytes become 15-bit fractions (x 128), so that two mirrored samples fit
// into 16 bits, and each product keeps its upper half only: one SSE2 instruction for 8 samples.
// What each product loses is half a unit of 1/128 on average, and is added beforehand. Words need
// every bit, so their products are summed in 32 bits.
//
// The loops are written so that compilers make SIMD of them; nothing depends on whether they do.
#include "stages/gaussian.h"

#include <cmath>
#include <opencv2/imgproc.hpp>

namespace quadrant {
namespace {

constexpr int byte_fraction = 7;

std::uint16_t upper_half(std::uint16_t a, std::uint16_t b) {
  return static_cast<std::uint16_t>((std::uint32_t{a} * b) >> 16);
}

// A weight of 1 is 65536; the little that is missing of it here is less than the bias.
std::uint16_t half_weight(std::uint32_t weight) {
  return static_cast<std::uint16_t>(std::min(weight, std::uint32_t{65535}));
}

std::uint16_t bias(const std::vector<std::uint32_t>& weights) {
  return static_cast<std::uint16_t>(weights.size() / 2);
}

// out = weighted mean of 2 * radius + 1 lines of bytes, the middle one at lines[0].
void mean_of_lines(const std::uint8_t* const* lines, const std::vector<std::uint32_t>& weights,
                   int width, std::uint16_t* out) {
  const auto scaled = [](int v) { return static_cast<std::uint16_t>(v << byte_fraction); };
  const std::uint16_t start = bias(weights), middle = half_weight(weights[0]);
  for (int x = 0; x < width; ++x)
    out[x] = static_cast<std::uint16_t>(start + upper_half(scaled(lines[0][x]), middle));
  for (int i = 1; i < static_cast<int>(weights.size()); ++i) {
    const std::uint8_t *above = lines[-i], *below = lines[i];
    const std::uint16_t w = half_weight(weights[static_cast<std::size_t>(i)]);
    for (int x = 0; x < width; ++x)
      out[x] = static_cast<std::uint16_t>(out[x] + upper_half(scaled(above[x] + below[x]), w));
  }
}

// The same along a line of 15-bit fractions; `in` has `radius` samples before and after it.
void mean_along(const std::uint16_t* in, const std::vector<std::uint32_t>& weights, int width,
                std::uint16_t* out) {
  const std::uint16_t start = bias(weights), middle = half_weight(weights[0]);
  for (int x = 0; x < width; ++x)
    out[x] = static_cast<std::uint16_t>(start + upper_half(in[x], middle));
  for (int i = 1; i < static_cast<int>(weights.size()); ++i) {
    const std::uint16_t *left = in - i, *right = in + i;
    const std::uint16_t w = half_weight(weights[static_cast<std::size_t>(i)]);
    for (int x = 0; x < width; ++x)
      out[x] = static_cast<std::uint16_t>(
          out[x] + upper_half(static_cast<std::uint16_t>(left[x] + right[x]), w));
  }
}

// Words: `pair(i)` gives the two lines at distance i; sums >> shift goes to `out`.
template <class Pair>
void mean_of_words(Pair pair, const std::vector<std::uint32_t>& weights, int width, int shift,
                   std::uint32_t* sums, std::uint16_t* out) {
  const std::uint16_t* line = pair(0).first;
  for (int x = 0; x < width; ++x)
    sums[x] = (std::uint32_t{1} << (shift - 1)) + std::uint32_t{line[x]} * weights[0];
  for (int i = 1; i < static_cast<int>(weights.size()); ++i) {
    const auto [a, b] = pair(i);
    const std::uint32_t w = weights[static_cast<std::size_t>(i)];
    for (int x = 0; x < width; ++x) sums[x] += (std::uint32_t{a[x]} + b[x]) * w;
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

Gaussian::Gaussian(double sigma, const Format& format)
    : depth_(format.pixels.depth()), fraction_bits_(depth_ == 8 ? byte_fraction : 16 - depth_) {
  const int radius = static_cast<int>(std::ceil(3 * sigma));
  std::vector<double> exact(static_cast<std::size_t>(radius) + 1);
  double sum = 0;
  for (int i = 0; i <= radius; ++i) {
    exact[static_cast<std::size_t>(i)] = std::exp(-i * i / (2 * sigma * sigma));
    sum += exact[static_cast<std::size_t>(i)] * (i == 0 ? 1 : 2);
  }
  weights_.assign(exact.size(), 0);
  std::uint32_t left = 65536;
  for (std::size_t i = 1; i < exact.size(); ++i) {
    weights_[i] = static_cast<std::uint32_t>(std::lround(exact[i] / sum * 65536));
    left -= 2 * weights_[i];
  }
  weights_[0] = left;
}

const std::uint16_t* Gaussian::row(const View& in, int plane, int row, Scratch& s) const {
  const cv::Mat samples = in.plane(plane);
  const int height = in.format().plane_height(plane), width = samples.cols;
  const int first = in.rows(plane).begin;
  s.lines.resize(static_cast<std::size_t>(2 * radius() + 1));
  s.across.resize(static_cast<std::size_t>(width + 2 * radius()));
  s.result.resize(static_cast<std::size_t>(width));
  const std::uint8_t** lines = s.lines.data() + radius();
  for (int i = -radius(); i <= radius(); ++i)
    lines[i] = samples.ptr(mirrored(row + i, height) - first);
  std::uint16_t* across = s.across.data() + radius();
  if (depth_ == 8) {
    mean_of_lines(lines, weights_, width, across);
    mirror_ends(across, width, radius());
    mean_along(across, weights_, width, s.result.data());
    return s.result.data();
  }
  s.sums.resize(static_cast<std::size_t>(width));
  // Weights have 16 bits and samples depth_: this shift leaves 16, the rest is the fraction.
  mean_of_words([&](int i) { return std::pair(words(lines[-i]), words(lines[i])); }, weights_,
                width, depth_, s.sums.data(), across);
  mirror_ends(across, width, radius());
  mean_of_words(
      [&](int i) {
        return std::pair<const std::uint16_t*, const std::uint16_t*>(across - i, across + i);
      },
      weights_, width, 16, s.sums.data(), s.result.data());
  return s.result.data();
}

}  // namespace quadrant
