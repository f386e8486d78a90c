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
  // Frames: what is known to be missing, and for an input whose length is not known, or not yet,
  // the mean of the others. 0: nothing is known.
  double missing = 0;

  std::size_t finished() const { return done + failed; }
};
BatchTotals totals(const BatchProgress& now);

// Time until all is done, as a range: at the pace that a quarter of the time so far was quicker
// than, and at the one that a quarter was slower than; the pace of all of it lies within.
class TimeLeft {
 public:
  // Now and then, with growing arguments: seconds since the beginning, and frames made since.
  void look(double seconds, double made);
  // Seconds. None if nothing is missing, or before there are four stretches of time to compare, in
  // the slowest quarter of which something was made.
  std::optional<std::pair<double, double>> range(double missing) const;

 private:
  struct Mark {
    double seconds, made;
  };
  static double pace(const Mark& from, const Mark& to);  // seconds a frame; infinite for none
  std::vector<double> paces(std::size_t slices) const;   // sorted

  std::vector<Mark> marks_;  // from the first frame on: planning is no pace
  double slice_ = 1;         // seconds between two marks
};

}  // namespace quadrant
