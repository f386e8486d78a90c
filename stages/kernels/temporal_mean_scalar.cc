// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdlib>

#include "stages/kernels/temporal_mean.h"

namespace quadrant::kernels {
namespace {

int floor_quotient(int a, int b) { return a / b - (a % b < 0 ? 1 : 0); }

template <class T>
void mean_over_time(const T* now, const std::uint8_t* const* others, int count, int strength,
                    int shift, int width, T* out) {
  for (int x = 0; x < width; ++x) {
    int weights = strength, sum = 0;
    for (int i = 0; i < count; ++i) {
      const int difference = reinterpret_cast<const T*>(others[i])[x] - now[x];
      const int weight = std::max(0, (strength << shift) - std::abs(difference)) >> shift;
      weights += weight;
      sum += weight * difference;
    }
    out[x] = static_cast<T>(now[x] + floor_quotient(2 * sum + weights, 2 * weights));
  }
}

}  // namespace

void temporal_mean_scalar(const std::uint8_t* now, const std::uint8_t* const* others, int count,
                          int strength, int depth, int width, std::uint8_t* out) {
  if (depth == 8)
    mean_over_time(now, others, count, strength, 0, width, out);
  else
    mean_over_time(reinterpret_cast<const std::uint16_t*>(now), others, count, strength, depth - 8,
                   width, reinterpret_cast<std::uint16_t*>(out));
}

}  // namespace quadrant::kernels
