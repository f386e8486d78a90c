// SPDX-License-Identifier: MIT
// What the scalar forms of kernels share.
#pragma once

#include <cstdint>

namespace quadrant::kernels {

// Of the product of two 16-bit numbers.
inline int upper_half(int a, int b) {
  return static_cast<int>(static_cast<std::uint32_t>(a) * static_cast<std::uint32_t>(b) >> 16);
}

inline const std::uint16_t* as_words(const std::uint8_t* row) {
  return reinterpret_cast<const std::uint16_t*>(row);
}
inline std::uint16_t* as_words(std::uint8_t* row) { return reinterpret_cast<std::uint16_t*>(row); }

}  // namespace quadrant::kernels
