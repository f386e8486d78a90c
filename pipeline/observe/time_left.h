// SPDX-License-Identifier: MIT
// How much of a batch is done and how long the rest may take, from what its inputs tell.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "pipeline/observe/progress.h"

namespace quadrant {

struct BatchTotals {
  std::size_t done = 0, under_way = 0, failed = 0, left = 0;  // inputs; up to date is done
  long frames = 0;                                            // with what an earlier run had done
  double made = 0;  // frames of this run, of inputs whose length is known
  // Frames: what is known to be missing, and for an input that was not opened yet the mean of those
  // that were. 0: nothing is known.
  double missing = 0;

  std::size_t finished() const { return done + failed; }
};
BatchTotals totals(const BatchProgress& now);

// Time until all is done, as a range: by the quarter of the time so far in which most was done, and
// by the quarter in which least was.
class TimeLeft {
 public:
  // Now and then, with growing arguments: seconds since the beginning, and frames made since.
  void look(double seconds, double made);
  // Seconds. None if nothing is missing, or after less than four looks a second apart.
  std::optional<std::pair<double, double>> range(double missing) const;

 private:
  struct Mark {
    double seconds, made;
  };
  std::vector<double> paces(std::size_t slices) const;  // seconds a frame, sorted

  std::vector<Mark> marks_;
  double slice_ = 1;  // seconds between two marks
};

}  // namespace quadrant
