// SPDX-License-Identifier: MIT
// What makes measured figures wrong, or less sure than they look.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "pipeline/scaling/measured.h"

namespace quadrant {

// How and where was measured.
struct Conditions {
  bool optimized = true;                                   // build
  int cores = 1;                                           // that this process may use
  double quota = std::numeric_limits<double>::infinity();  // cores that the cgroup grants
  int rounds = 1;
  double within = 0.05;  // the interval asked: half its width, as a share of the median
  std::uint64_t seed = 0;
};

// A line each, for people; empty: nothing was noticed.
std::vector<std::string> doubts(const std::vector<MeasuredCell>& cells,
                                const Conditions& conditions);

}  // namespace quadrant
