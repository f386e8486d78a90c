// SPDX-License-Identifier: MIT
// What repeated measurements say: a median, and its uncertainty.
//
// The interval is a percentile bootstrap of the median (Efron 1979): it assumes nothing about the
// distribution of run times, which is skewed, since a disturbed run is slow and never fast. Few
// runs say little: with five the interval reaches from the least to the greatest, which contains
// the true median 93.75 % of the time; no method without assumptions does better.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace quadrant {

struct Estimate {
  double value = 0, low = 0, high = 0;  // 95 % interval; all three are equal for one run

  // Half the interval's width, as a share of the value.
  double relative_error() const { return value > 0 ? (high - low) / 2 / value : 0; }
};

// The middle value, or the mean of the two middle ones. 0 for none.
double median(std::vector<double> values);
// The interpolated value below which the share `p` (0 to 1) of the values lies. 0 for none.
double quantile(std::vector<double> values, double p);

// Bootstraps `statistic` over `count` runs. It is called with indices of runs, drawn with
// replacement: all figures of a run are drawn together, so a ratio of two cells keeps its pairs.
// The same seed gives the same interval.
Estimate bootstrap(std::size_t count, std::uint64_t seed,
                   const std::function<double(std::span<const std::size_t>)>& statistic);
Estimate median_estimate(std::span<const double> values, std::uint64_t seed);
// The ratio of the medians of `over` and `under`, which have equally many runs, paired by run.
Estimate ratio_estimate(std::span<const double> over, std::span<const double> under,
                        std::uint64_t seed);

}  // namespace quadrant
