// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>

#include "stages/kernels/median.h"

namespace quadrant::kernels {
namespace {

template <class T>
void sort_squares(const std::uint8_t* const* lines, int radius, int width, T* out) {
  std::array<T, 25> square;
  for (int x = 0; x < width; ++x) {
    auto end = square.begin();
    for (int j = -radius; j <= radius; ++j)
      for (int i = -radius; i <= radius; ++i)
        *end++ = reinterpret_cast<const T*>(lines[j])[std::clamp(x + i, 0, width - 1)];
    const auto middle = square.begin() + (end - square.begin()) / 2;
    std::nth_element(square.begin(), middle, end);
    out[x] = *middle;
  }
}

}  // namespace

void median_scalar(const std::uint8_t* const* lines, int radius, int depth, int width,
                   std::uint8_t* out) {
  if (depth == 8)
    sort_squares(lines, radius, width, out);
  else
    sort_squares(lines, radius, width, reinterpret_cast<std::uint16_t*>(out));
}

}  // namespace quadrant::kernels
