// SPDX-License-Identifier: MIT
// Error messages of a library about an input: their number, and the first. Plain values, which
// travel from the codec to the report.
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
