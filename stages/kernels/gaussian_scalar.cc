// SPDX-License-Identifier: MIT
#include <algorithm>

#include "stages/kernels/gaussian.h"
#include "stages/kernels/scalar.h"

namespace quadrant::kernels {
namespace {

// `pair(i)` gives the sum of the two values at distance i, as 15-bit fractions.
template <class Pair>
std::uint16_t narrow_mean(const Taps& taps, Pair pair) {
  int sum = static_cast<int>(taps.weights.size() / 2);
  for (int i = 0; i <= taps.radius(); ++i)
    sum += upper_half(pair(i), taps.weights[static_cast<std::size_t>(i)]);
  return static_cast<std::uint16_t>(sum);
}

// The middle weight may be 1, which does not fit into 16 bits, so its difference from 1 is
// subtracted instead.
template <class Pair>
std::uint16_t wide_mean(const Taps& taps, std::uint32_t middle, int shift, Pair pair) {
  std::uint32_t sum = (std::uint32_t{1} << (shift - 1)) + (middle << 16) - middle * taps.lacking;
  for (int i = 1; i <= taps.radius(); ++i)
    sum += pair(i) * taps.weights[static_cast<std::size_t>(i)];
  return static_cast<std::uint16_t>(sum >> shift);
}

template <class T>
void down(const Taps& taps, const std::uint8_t* const* lines, int width, std::uint16_t* out) {
  const auto at = [&](int i, int x) { return reinterpret_cast<const T*>(lines[i])[x]; };
  for (int x = 0; x < width; ++x)
    if (taps.narrow)
      out[x] = narrow_mean(taps, [&](int i) {
        const int sum = i == 0 ? at(0, x) : at(-i, x) + at(i, x);
        return (sum << taps.fraction_bits) & 65535;
      });
    else
      out[x] = wide_mean(taps, at(0, x), taps.depth,
                         [&](int i) { return std::uint32_t{at(-i, x)} + std::uint32_t{at(i, x)}; });
}

}  // namespace

void mean_down_scalar(const Taps& taps, const std::uint8_t* const* lines, int width,
                      std::uint16_t* out) {
  if (taps.depth == 8)
    down<std::uint8_t>(taps, lines, width, out);
  else
    down<std::uint16_t>(taps, lines, width, out);
}

void mean_along_scalar(const Taps& taps, const std::uint16_t* in, int width, std::uint16_t* out) {
  for (int x = 0; x < width; ++x)
    if (taps.narrow)
      out[x] = narrow_mean(taps,
                           [&](int i) { return i == 0 ? in[x] : (in[x - i] + in[x + i]) & 65535; });
    else
      out[x] = wide_mean(taps, in[x], 16, [&](int i) {
        return std::uint32_t{in[x - i]} + std::uint32_t{in[x + i]};
      });
}

void round_means_scalar(const Taps& taps, const std::uint16_t* means, int width,
                        std::uint8_t* out) {
  const int bits = taps.fraction_bits, half = (1 << bits) / 2;
  for (int x = 0; x < width; ++x) {
    const int v = (means[x] + half) >> bits;
    if (taps.depth == 8)
      out[x] = static_cast<std::uint8_t>(v);
    else
      as_words(out)[x] = static_cast<std::uint16_t>(v);
  }
}

void add_detail_scalar(const Taps& taps, int factor, const std::uint8_t* samples,
                       const std::uint16_t* means, int width, std::uint8_t* out) {
  const int shift = taps.fraction_bits + factor_bits, half = 1 << (shift - 1);
  const int peak = (1 << taps.depth) - 1;
  for (int x = 0; x < width; ++x) {
    const int sample = taps.depth == 8 ? samples[x] : as_words(samples)[x];
    int detail = (sample << taps.fraction_bits) - means[x];
    if (taps.narrow) detail = static_cast<std::int16_t>(detail);
    int sharper = sample + ((detail * factor + half) >> shift);
    if (taps.narrow) sharper = static_cast<std::int16_t>(sharper);
    sharper = std::clamp(sharper, 0, peak);
    if (taps.depth == 8)
      out[x] = static_cast<std::uint8_t>(sharper);
    else
      as_words(out)[x] = static_cast<std::uint16_t>(sharper);
  }
}

}  // namespace quadrant::kernels
