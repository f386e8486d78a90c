// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "stages/kernels/non_local_means.h"
#include "stages/kernels/scalar.h"

namespace quadrant::kernels {
namespace {

// More, and the weight of a sum that saturates at exp(-8) would be rounded up to 1.
constexpr int largest_unit = 1365;

}  // namespace

NonLocalMeans::NonLocalMeans(double strength, int patch, int search, int depth)
    : patch(patch), search(search), depth(depth) {
  // The sum of squares at which x is 1, in units of the shifted squares: between 2048 and 8192, so
  // that the largest sum is an x between 8 and 32, where the weight is 0.
  double one = patch * strength * patch * strength;
  for (; one <= 2048 && left < 15; one *= 4) ++left;
  for (; one > 8192; one /= 4) ++right;
  limit = static_cast<std::uint16_t>(65535 >> left);
  multiplier = static_cast<std::uint16_t>(std::lround(std::min(65535.0, 65536 * 2048 / one)));
  unit = static_cast<std::uint16_t>(std::min(65535 / (search * search), largest_unit));
}

namespace {

class Scalar {
 public:
  Scalar(const NonLocalMeans& how, const Source& in) : how_(how), in_(in) {}

  int mean(int x, int y) const {
    std::int64_t weights = how_.unit, sum = std::int64_t{how_.unit} * sample(x, y);
    const int reach = how_.search / 2;
    for (int v = std::max(0, y - reach); v <= std::min(in_.height - 1, y + reach); ++v)
      for (int u = std::max(0, x - reach); u <= std::min(in_.width - 1, x + reach); ++u) {
        if (u == x && v == y) continue;
        const int w = weight(distance(x, y, u, v));
        weights += w;
        sum += std::int64_t{w} * sample(u, v);
      }
    const std::int64_t divisor = weights << (16 - how_.depth);
    return static_cast<int>((sum + divisor / 2) / divisor);
  }

 private:
  // 16 bits, repeated beyond the edges
  int sample(int x, int y) const {
    const std::uint8_t* row = in_.row_0 + std::clamp(y, 0, in_.height - 1) * in_.stride;
    x = std::clamp(x, 0, in_.width - 1);
    const int value = how_.depth == 8 ? row[x] : reinterpret_cast<const std::uint16_t*>(row)[x];
    return (value << (16 - how_.depth)) & 65535;
  }

  int distance(int x, int y, int u, int v) const {
    int sum = 0;
    const int reach = how_.patch / 2;
    for (int j = -reach; j <= reach; ++j)
      for (int i = -reach; i <= reach; ++i) {
        const int difference = std::abs(sample(x + i, y + j) - sample(u + i, v + j));
        const int shifted = std::min(difference, int{how_.limit}) << how_.left >> how_.right;
        sum = std::min(65535, sum + upper_half(shifted, shifted));
      }
    return sum;
  }

  int weight(int distance) const {
    const int z = upper_half(distance, how_.multiplier);
    int y = 65535 - z + (upper_half(z, z) >> 1);
    for (int i = 0; i < 5; ++i) y = upper_half(y, y);
    return (upper_half(y, 2 * how_.unit) + 1) >> 1;
  }

  const NonLocalMeans& how_;
  const Source& in_;
};

}  // namespace

void non_local_means_scalar(const NonLocalMeans& how, const Source& in, int begin, int end,
                            std::uint8_t* out, std::ptrdiff_t stride) {
  const Scalar scalar(how, in);
  for (int y = begin; y < end; ++y, out += stride)
    for (int x = 0; x < in.width; ++x)
      if (how.depth == 8)
        out[x] = static_cast<std::uint8_t>(scalar.mean(x, y));
      else
        reinterpret_cast<std::uint16_t*>(out)[x] = static_cast<std::uint16_t>(scalar.mean(x, y));
}

}  // namespace quadrant::kernels
