// SPDX-License-Identifier: MIT
// Scratch memory of kernels: aligned for the largest vectors, grows when needed, and is used again.
//
// Kernels are built for several instruction sets (SSE4, AVX2 and AVX-512 on x86, NEON on Arm, plain
// C++ elsewhere), and the program takes the best one that the machine has when a kernel is first
// called. A kernel works in whole numbers, so that every instruction set gives the same bytes: the
// machine never changes the output. Beside each kernel stands its scalar form, which
// tests/kernels_test.cc holds against it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace quadrant::kernels {

template <class T>
class Buffer {
 public:
  T* at_least(std::size_t size) {
    if (memory_.size() < size + slack) memory_.resize(size + slack);
    const auto address = reinterpret_cast<std::uintptr_t>(memory_.data());
    return memory_.data() + (alignment - address % alignment) % alignment / sizeof(T);
  }

 private:
  static constexpr std::size_t alignment = 64, slack = alignment / sizeof(T);
  std::vector<T> memory_;
};

}  // namespace quadrant::kernels
