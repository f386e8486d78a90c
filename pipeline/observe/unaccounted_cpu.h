// SPDX-License-Identifier: MIT
// CPU time that the scoped timers do not explain: threads inside a timer that did not execute, and
// threads that executed outside every timer. Both should be close to 0; otherwise per-stage times
// cannot be trusted.
#pragma once

#include <string>
#include <vector>

#include "pipeline/observe/threads.h"

namespace quadrant {

struct UnaccountedCpu {
  double busy_seconds = 0;  // wall time inside timers, summed over threads
  double cpu_seconds = 0;   // CPU time of all threads, inside timers or not
  // Summed over threads separately, so that one cannot cancel the other.
  double not_executing = 0;        // inside a timer, but not executing
  double outside_stages = 0;       // executing, but outside every timer
  double share = 0;                // (not_executing + outside_stages) / cpu_seconds
  std::vector<std::string> words;  // one line per thread to blame; empty if the share is below 5 %
};

UnaccountedCpu unaccounted_cpu_of(const std::vector<ThreadReading>& threads);

}  // namespace quadrant
