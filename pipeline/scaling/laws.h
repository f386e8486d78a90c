// SPDX-License-Identifier: MIT
// Laws of scaling, fitted to measured throughput X on N cores.
//
//   Amdahl      X(N) = lambda N / (1 + sigma (N - 1))
//   Universal   X(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1))
//
// lambda: throughput on one core, in frames per second; sigma: share of the work that only one core
// at a time can do (contention); kappa: cost of communication for each pair of cores (coherency).
// Amdahl 1967; Gunther, "A Simple Capacity Model of Massively Parallel Transaction Systems", 1993.
// With kappa, more than sqrt((1 - sigma) / kappa) cores make it slower.
//
// A law with p parameters fits any p points exactly, so it is fitted only if there is at least one
// more: p + 1 distinct numbers of cores. Repeating a measurement narrows an interval; it does not
// show that a curve has the right shape.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pipeline/scaling/statistics.h"

namespace quadrant {

enum class Law { amdahl, universal };
std::string_view name_of(Law law);  // "Amdahl", "Universal Scalability Law"
int parameters_of(Law law);         // 2, 3

struct Throughput {
  int cores = 1;
  double fps = 0;
};

struct Fit {
  Law law = Law::amdahl;
  Estimate lambda, sigma, kappa;  // with 95 % intervals; kappa is 0 for Amdahl
  double relative_error = 0;      // root mean square of the residuals, as a share of X
  int most_cores = 1;             // that were measured; beyond them the curve is a guess

  double fps(double cores) const;
  // The number of cores beyond which more make it slower; nothing if there is none, or if kappa's
  // interval allows that there is none.
  std::optional<double> peak_cores() const;
};

struct FitResult {
  std::optional<Fit> fit;
  std::string why_not;  // "2 distinct numbers of cores cannot identify 2 parameters, ..."
};

// Least squares on relative errors, since a disturbance costs a share of the throughput; each point
// is a run, not a median. Levenberg-Marquardt (Eigen's), intervals from the linearised model and
// Student's t. sigma and kappa are unconstrained: a negative value means better scaling than the
// law allows (caches, or noise), and its interval shows which.
FitResult fit_law(Law law, std::span<const Throughput> points);

}  // namespace quadrant
