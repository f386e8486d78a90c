// SPDX-License-Identifier: MIT
// Error lines that a library said of an input: how many, and the first. Plain values, which travel
// from the codec to the report.
#pragma once

#include <cstdint>
#include <string>

namespace quadrant {

struct Diagnostics {
  std::int64_t lines = 0;
  std::string first;

  void add(const Diagnostics& later) {
    if (lines == 0) first = later.first;
    lines += later.lines;
  }
};

}  // namespace quadrant
