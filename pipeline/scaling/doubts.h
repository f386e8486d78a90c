// SPDX-License-Identifier: MIT
// Conditions that make measured figures wrong, or less certain than they look.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "pipeline/scaling/measured.h"

namespace quadrant {

// How and where the measurement was made.
struct Conditions {
  bool optimized = true;                                   // of the build
  int cores = 1;                                           // available to this process
  double quota = std::numeric_limits<double>::infinity();  // granted by the cgroup, in cores
  int rounds = 1;
  double within = 0.05;  // requested precision: half the interval's width, as a share of the median
  std::uint64_t seed = 0;
};

// One line each, for display; empty if nothing was noticed.
std::vector<std::string> doubts(const std::vector<MeasuredCell>& cells,
                                const Conditions& conditions);

}  // namespace quadrant
