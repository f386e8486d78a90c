// SPDX-License-Identifier: MIT
#include "stages/gaussian.h"

#include <cmath>

namespace quadrant {
namespace {

int mirrored(int at, int size) {
  if (size == 1) return 0;
  while (at < 0 || at >= size) at = at < 0 ? -at : 2 * (size - 1) - at;
  return at;
}

void mirror_ends(std::uint16_t* line, int width, int radius) {
  for (int i = 1; i <= radius; ++i) {
    line[-i] = line[mirrored(-i, width)];
    line[width - 1 + i] = line[mirrored(width - 1 + i, width)];
  }
}

}  // namespace

Gaussian::Gaussian(double sigma, const Format& format) {
  const int radius = static_cast<int>(std::ceil(3 * sigma));
  taps_.depth = format.pixels.depth();
  taps_.narrow = 2 * (radius + 1) < (1 << 15) >> taps_.depth;  // units of a sample
  taps_.fraction_bits = (taps_.narrow ? 15 : 16) - taps_.depth;
  std::vector<double> exact(static_cast<std::size_t>(radius) + 1);
  double sum = 0;
  for (int i = 0; i <= radius; ++i) {
    exact[static_cast<std::size_t>(i)] = std::exp(-i * i / (2 * sigma * sigma));
    sum += exact[static_cast<std::size_t>(i)] * (i == 0 ? 1 : 2);
  }
  std::vector<std::uint16_t>& weights = taps_.weights;
  weights.assign(exact.size(), 0);
  int others = 0;
  for (std::size_t i = 1; i < exact.size(); ++i) {
    weights[i] = static_cast<std::uint16_t>(std::lround(exact[i] / sum * 65536));
    others += 2 * weights[i];
  }
  taps_.lacking = static_cast<std::uint16_t>(others);
  weights[0] = static_cast<std::uint16_t>(std::min(65536 - others, 65535));
}

void Gaussian::begin(const View& in, int plane, Scratch& s) const {
  s.plane = in.whole_planes()[static_cast<std::size_t>(plane)];
  s.width = in.format().plane_width(plane);
  s.height = in.format().plane_height(plane);
  s.lines.resize(static_cast<std::size_t>(2 * radius() + 1));
  s.across.resize(static_cast<std::size_t>(s.width + 2 * radius()));
  s.result.resize(static_cast<std::size_t>(s.width));
}

const std::uint16_t* Gaussian::row(int row, Scratch& s) const {
  const std::uint8_t** lines = s.lines.data() + radius();
  for (int i = -radius(); i <= radius(); ++i)
    lines[i] = s.plane.data + mirrored(row + i, s.height) * s.plane.stride;
  std::uint16_t* across = s.across.data() + radius();
  kernels::mean_down(taps_, lines, s.width, across);
  mirror_ends(across, s.width, radius());
  kernels::mean_along(taps_, across, s.width, s.result.data());
  return s.result.data();
}

}  // namespace quadrant
