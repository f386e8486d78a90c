// SPDX-License-Identifier: MIT
// What the marks say of executing, against what the clocks say.
#pragma once

#include <string>
#include <vector>

#include "pipeline/observe/threads.h"

namespace quadrant {

struct Disagreement {
  double marked_seconds = 0;  // of all threads, by the wall clock
  double cpu_seconds = 0;     // of all threads, marked or not
  // Marked and not executing, and executing and not marked: both sum over the threads, so that one
  // does not hide the other.
  double not_executing = 0, not_marked = 0;
  double share = 0;                // their sum of cpu_seconds
  std::vector<std::string> words;  // which threads, if the share is above 5 %
};

Disagreement disagreement_of(const std::vector<ThreadReading>& threads);

}  // namespace quadrant
