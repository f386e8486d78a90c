// SPDX-License-Identifier: MIT
// What repeated measurements say: a median, and how far it may be off.
//
// The interval is a percentile bootstrap of the median (Efron 1979): nothing is assumed of how
// run times are spread, and they are skewed, since a disturbed run is slow and never fast. Few
// runs bear little: with five the interval reaches from the least to the greatest of them, which
// holds the true median 93.75 % of the time, and no method that assumes nothing can do better.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace quadrant {

struct Estimate {
  double value = 0, low = 0, high = 0;  // the 95 % interval; all three equal where there is one run

  // Half the interval's width, as a share of the value.
  double relative_error() const { return value > 0 ? (high - low) / 2 / value : 0; }
};

// The middle one, or the mean of the two in the middle. 0 for none.
double median(std::vector<double> values);
// The value below which the share `p` (0 to 1) of the values lies, interpolated. 0 for none.
double quantile(std::vector<double> values, double p);

// Of `statistic` over `count` runs. It is called with indices of runs, drawn with replacement: all
// figures of a run are drawn together, so that a ratio of two cells keeps its pairs. The same seed
// gives the same interval.
Estimate bootstrap(std::size_t count, std::uint64_t seed,
                   const std::function<double(std::span<const std::size_t>)>& statistic);
Estimate median_estimate(std::span<const double> values, std::uint64_t seed);
// The median of `over` by the median of `under`, of as many runs each, run i beside run i.
Estimate ratio_estimate(std::span<const double> over, std::span<const double> under,
                        std::uint64_t seed);

}  // namespace quadrant
