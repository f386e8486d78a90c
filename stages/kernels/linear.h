// SPDX-License-Identifier: MIT
// A straight line as a function of samples: (sample * factor + offset) >> shift, within 0 and the
// largest sample. Four times as fast as the table that it stands for.
#pragma once

#include <cstdint>

namespace quadrant::kernels {

struct Linear {
  static constexpr int shift = 13;
  static constexpr int max_depth = 10;  // for more bits the factor is too coarse

  int factor = 1 << shift;  // -32768 to 32767
  int offset = 0;           // such that all results before the shift fit into 28 bits
  int depth = 8;            // of the samples: bytes for 8, words otherwise
};

void apply(const Linear& line, const std::uint8_t* in, int width, std::uint8_t* out);
// The same in plain loops.
void apply_scalar(const Linear& line, const std::uint8_t* in, int width, std::uint8_t* out);

}  // namespace quadrant::kernels
