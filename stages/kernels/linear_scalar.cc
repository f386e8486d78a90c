// SPDX-License-Identifier: MIT
#include <algorithm>

#include "stages/kernels/linear.h"
#include "stages/kernels/scalar.h"

namespace quadrant::kernels {
namespace {

template <class T>
void apply_to(const Linear& line, const T* in, int width, T* out) {
  const int peak = (1 << line.depth) - 1;
  for (int x = 0; x < width; ++x) {
    const int v = std::min(peak, int{in[x]});
    out[x] = static_cast<T>(std::clamp((v * line.factor + line.offset) >> Linear::shift, 0, peak));
  }
}

}  // namespace

void apply_scalar(const Linear& line, const std::uint8_t* in, int width, std::uint8_t* out) {
  if (line.depth == 8)
    apply_to(line, in, width, out);
  else
    apply_to(line, as_words(in), width, as_words(out));
}

}  // namespace quadrant::kernels
