// SPDX-License-Identifier: MIT
#include "pipeline/scaling/statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace quadrant {
namespace {

constexpr int resamples = 4000;  // so about 100 lie beyond each bound of the 95 %
constexpr double outside = 0.025;

double median_of(std::span<const double> values, std::span<const std::size_t> drawn) {
  std::vector<double> chosen;
  chosen.reserve(drawn.size());
  for (std::size_t i : drawn) chosen.push_back(values[i]);
  return median(std::move(chosen));
}

}  // namespace

double quantile(std::vector<double> values, double p) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  const double at = p * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return std::lerp(values[below], values[above], at - static_cast<double>(below));
}

double median(std::vector<double> values) { return quantile(std::move(values), 0.5); }

Estimate bootstrap(std::size_t count, std::uint64_t seed,
                   const std::function<double(std::span<const std::size_t>)>& statistic) {
  std::vector<std::size_t> drawn(count);
  std::iota(drawn.begin(), drawn.end(), std::size_t{0});
  Estimate estimate;
  estimate.value = estimate.low = estimate.high = statistic(drawn);
  if (count < 2) return estimate;
  std::mt19937_64 random(seed);
  std::uniform_int_distribution<std::size_t> any(0, count - 1);
  std::vector<double> values;
  for (int i = 0; i < resamples; ++i) {
    std::ranges::generate(drawn, [&] { return any(random); });
    values.push_back(statistic(drawn));
  }
  estimate.low = quantile(values, outside);
  estimate.high = quantile(std::move(values), 1 - outside);
  return estimate;
}

Estimate median_estimate(std::span<const double> values, std::uint64_t seed) {
  return bootstrap(values.size(), seed,
                   [&](std::span<const std::size_t> drawn) { return median_of(values, drawn); });
}

Estimate ratio_estimate(std::span<const double> over, std::span<const double> under,
                        std::uint64_t seed) {
  return bootstrap(std::min(over.size(), under.size()), seed,
                   [&](std::span<const std::size_t> drawn) {
                     const double divisor = median_of(under, drawn);
                     return divisor > 0 ? median_of(over, drawn) / divisor : 0;
                   });
}

}  // namespace quadrant
