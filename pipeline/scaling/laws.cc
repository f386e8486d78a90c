// SPDX-License-Identifier: MIT
#include "pipeline/scaling/laws.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <set>
#include <unsupported/Eigen/LevenbergMarquardt>
#include <unsupported/Eigen/SpecialFunctions>

#include "pipeline/counted.h"

namespace quadrant {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// The growth of N / X: 1 + sigma (N - 1) + kappa N (N - 1), over lambda.
double slowing(double sigma, double kappa, double n) {
  return 1 + sigma * (n - 1) + kappa * n * (n - 1);
}

// Relative residuals of a law. The parameters are lambda / `unit`, sigma and, for the universal
// law, kappa, all near 1 or below.
struct Residuals : Eigen::DenseFunctor<double> {
  Residuals(std::span<const Throughput> points, int parameters, double unit)
      : DenseFunctor(parameters, static_cast<int>(points.size())), points_(points), unit_(unit) {}

  int operator()(const VectorXd& p, VectorXd& r) const {
    for (Index i = 0; i < r.size(); ++i) r(i) = model(p, i) / points_[at(i)].fps - 1;
    return 0;
  }

  int df(const VectorXd& p, MatrixXd& j) const {
    for (Index i = 0; i < j.rows(); ++i) {
      const double n = points_[at(i)].cores, share = model(p, i) / points_[at(i)].fps,
                   slower = slowing(p(1), kappa(p), n);
      j(i, 0) = share / p(0);
      j(i, 1) = -share * (n - 1) / slower;
      if (p.size() > 2) j(i, 2) = -share * n * (n - 1) / slower;
    }
    return 0;
  }

 private:
  static std::size_t at(Index i) { return static_cast<std::size_t>(i); }
  static double kappa(const VectorXd& p) { return p.size() > 2 ? p(2) : 0; }
  double model(const VectorXd& p, Index i) const {
    const double n = points_[at(i)].cores;
    return unit_ * p(0) * n / slowing(p(1), kappa(p), n);
  }

  std::span<const Throughput> points_;
  double unit_;
};

// N / X is linear in 1 / lambda, sigma / lambda and kappa / lambda: a start close to the solution.
VectorXd start(std::span<const Throughput> points, int parameters, double unit) {
  const auto count = static_cast<Index>(points.size());
  MatrixXd a(count, parameters);
  VectorXd b = VectorXd::Ones(count);
  for (Index i = 0; i < count; ++i) {
    const auto& [cores, fps] = points[static_cast<std::size_t>(i)];
    const double n = cores, weight = fps / (unit * n);  // relative errors, as in the fit
    a(i, 0) = weight;
    a(i, 1) = weight * (n - 1);
    if (parameters > 2) a(i, 2) = weight * n * (n - 1);
  }
  VectorXd p = a.colPivHouseholderQr().solve(b);
  const double lambda = 1 / p(0);
  p *= lambda;
  p(0) = lambda;
  return p;
}

// Student's t with `freedom` degrees: P(|T| < t) = 0.95. By bisection: Eigen has the incomplete
// beta function for its distribution, but not the inverse.
double student_95(double freedom) {
  double low = 0, high = 1000;
  for (int i = 0; i < 60; ++i) {
    const double t = (low + high) / 2;
    const double outside = Eigen::numext::betainc(freedom / 2, 0.5, freedom / (freedom + t * t));
    (outside > 0.05 ? low : high) = t;
  }
  return high;
}

std::string obstacle(Law law, std::span<const Throughput> points) {
  std::set<int> cores;
  for (const Throughput& point : points) {
    if (point.fps <= 0) return "a run made no frames";
    cores.insert(point.cores);
  }
  const int wanted = parameters_of(law) + 1;
  if (static_cast<int>(cores.size()) >= wanted) return "";
  return fmt::format(
      "{} of cores cannot identify its {} and test its shape; {} are "
      "needed",
      counted(std::ssize(cores), "distinct number"), counted(parameters_of(law), "parameter"),
      wanted);
}

}  // namespace

std::string_view name_of(Law law) {
  return law == Law::amdahl ? "Amdahl" : "Universal Scalability Law";
}

int parameters_of(Law law) { return law == Law::amdahl ? 2 : 3; }

double Fit::fps(double cores) const {
  return lambda.value * cores / slowing(sigma.value, kappa.value, cores);
}

std::optional<double> Fit::peak_cores() const {
  if (kappa.low <= 0 || sigma.value >= 1) return std::nullopt;
  return std::sqrt((1 - sigma.value) / kappa.value);
}

FitResult fit_law(Law law, std::span<const Throughput> points) {
  if (const std::string why = obstacle(law, points); !why.empty()) return {.why_not = why};
  const int parameters = parameters_of(law);
  const double unit = std::ranges::max(points, {}, &Throughput::fps).fps;
  Residuals residuals(points, parameters, unit);
  VectorXd p = start(points, parameters, unit);
  Eigen::LevenbergMarquardt<Residuals> solver(residuals);
  const auto ended = solver.minimize(p);
  if (ended == Eigen::LevenbergMarquardtSpace::ImproperInputParameters || !p.allFinite())
    return {.why_not = "the least squares do not converge"};

  const auto count = static_cast<Index>(points.size());
  VectorXd left(count);
  MatrixXd jacobian(count, parameters);
  residuals(p, left);
  residuals.df(p, jacobian);
  const Eigen::FullPivLU<MatrixXd> normal(jacobian.transpose() * jacobian);
  if (!normal.isInvertible()) return {.why_not = "the points do not tell its parameters apart"};
  const double freedom = static_cast<double>(count - parameters);
  const VectorXd half_width =
      student_95(freedom) *
      (normal.inverse().diagonal() * (left.squaredNorm() / freedom)).cwiseSqrt();
  const auto estimate = [&](Index i, double scale) {
    return Estimate{p(i) * scale, (p(i) - half_width(i)) * scale, (p(i) + half_width(i)) * scale};
  };
  Fit fit{.law = law, .lambda = estimate(0, unit), .sigma = estimate(1, 1)};
  if (parameters > 2) fit.kappa = estimate(2, 1);
  fit.relative_error = std::sqrt(left.squaredNorm() / static_cast<double>(count));
  fit.most_cores = std::ranges::max(points, {}, &Throughput::cores).cores;
  return {.fit = fit};
}

}  // namespace quadrant
