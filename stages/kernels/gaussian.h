// SPDX-License-Identifier: MIT
// The arithmetic of a separable Gaussian (stages/gaussian.h), a row at a time. There are two kinds.
// The narrow one takes samples as 15-bit fractions, so that the sum of two mirrored ones fits into
// 16 bits, and keeps only the upper half of each product. Each product loses half a unit on
// average, which is added beforehand. As long as there are fewer weights than half the units of a
// sample, a flat picture stays unchanged. That holds for 8 bits up to the largest sigma, and for 10
// bits up to 4.6. The wide one, for all other cases, sums whole products in 32 bits, at two to
// three times the cost.
#pragma once

#include <cstdint>
#include <vector>

namespace quadrant::kernels {

struct Taps {
  std::vector<std::uint16_t> weights{65535};  // from the middle outwards; 65536 would be 1
  std::uint16_t lacking = 0;  // what the middle weight lacks of 1: all others together
  int depth = 8;              // of the samples; 8 is bytes
  int fraction_bits = 0;      // the results' unit is 2^-fraction_bits of a sample
  bool narrow = true;

  int radius() const { return static_cast<int>(weights.size()) - 1; }
};

inline constexpr int factor_bits = 10;  // 10 * 2^10 * 2^17 still fits into an int

// The weighted mean of the rows lines[-radius] to lines[radius] of samples.
void mean_down(const Taps& taps, const std::uint8_t* const* lines, int width, std::uint16_t* out);
// The same along a row of means; `in` has `radius` values before and after it.
void mean_along(const Taps& taps, const std::uint16_t* in, int width, std::uint16_t* out);
// Means as samples again.
void round_means(const Taps& taps, const std::uint16_t* means, int width, std::uint8_t* out);
// The unsharp mask: samples + (samples - means) * factor / 2^factor_bits. factor is at most 10 *
// 2^factor_bits.
void add_detail(const Taps& taps, int factor, const std::uint8_t* samples,
                const std::uint16_t* means, int width, std::uint8_t* out);

// The same in plain loops.
void mean_down_scalar(const Taps&, const std::uint8_t* const* lines, int width, std::uint16_t* out);
void mean_along_scalar(const Taps&, const std::uint16_t* in, int width, std::uint16_t* out);
void round_means_scalar(const Taps&, const std::uint16_t* means, int width, std::uint8_t* out);
void add_detail_scalar(const Taps&, int factor, const std::uint8_t* samples,
                       const std::uint16_t* means, int width, std::uint8_t* out);

}  // namespace quadrant::kernels
