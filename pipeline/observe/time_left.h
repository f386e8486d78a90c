// SPDX-License-Identifier: MIT
// How much of a batch is done and how long the rest may take, from the counters of its inputs.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "pipeline/observe/progress.h"

namespace quadrant {

struct BatchTotals {
  std::size_t done = 0, under_way = 0, failed = 0, left = 0;  // inputs; up to date counts as done
  long frames = 0;                                            // including those of an earlier run
  double made = 0;  // frames of this run that are coded, for inputs of known length
  // Frames known to be missing, those held by encoders too; an input of unknown length counts as
  // the mean of the others. 0: nothing is known.
  double missing = 0;

  std::size_t finished() const { return done + failed; }
};
BatchTotals totals(const BatchProgress& now);

// Time until all is done, as a range: from the quartiles of the seconds per frame so far, widened
// to include the overall mean.
class TimeLeft {
 public:
  // Call now and then, with growing arguments: seconds since the start, and frames made since then.
  void look(double seconds, double made);
  // Seconds, at the mean pace since the first frame. None before there is a pace.
  std::optional<double> mean(double missing) const;
  // Seconds. None if nothing is missing, or before there are four intervals to compare with frames
  // even in the slowest quarter.
  std::optional<std::pair<double, double>> range(double missing) const;

 private:
  struct Mark {
    double seconds, made;
  };
  static double pace(const Mark& from, const Mark& to);  // seconds per frame; may be infinite
  std::vector<double> paces(std::size_t slices) const;   // sorted

  std::vector<Mark> marks_;  // from the first frame on: planning does not count
  Mark last_{};              // of the last look, which may be none of `marks_`
  double slice_ = 1;         // seconds between two marks
};

}  // namespace quadrant
