// SPDX-License-Identifier: MIT
#include "pipeline/scaling/measured.h"

#include <algorithm>
#include <functional>

namespace quadrant {
namespace {

template <class F>
std::vector<double> each(const MeasuredCell& cell, F figure) {
  std::vector<double> values;
  for (const MeasuredRun& run : cell.runs)
    values.push_back(static_cast<double>(std::invoke(figure, run)));
  return values;
}

template <class F>
double median_of(const MeasuredCell& cell, F figure) {
  return median(each(cell, figure));
}

template <class F>
double greatest(const MeasuredCell& cell, F figure) {
  return std::ranges::max(each(cell, figure));
}

double cpu_per_1000(const MeasuredRun& run) {
  return run.frames > 0 ? run.cpu_seconds * 1000 / static_cast<double>(run.frames) : 0;
}

std::vector<StageReport> mean_stages(const std::vector<MeasuredRun>& runs) {
  std::vector<StageReport> means = runs.front().stages;
  const double share = 1.0 / static_cast<double>(runs.size());
  for (StageReport& mean : means) {
    mean.cpu_seconds = mean.wait_seconds = 0;
    for (const MeasuredRun& run : runs)
      for (const StageReport& stage : run.stages)
        if (stage.name == mean.name) {
          mean.cpu_seconds += stage.cpu_seconds * share;
          mean.wait_seconds += stage.wait_seconds * share;
        }
  }
  return means;
}

std::map<std::string, double> mean_in_kind(const std::vector<MeasuredRun>& runs) {
  std::map<std::string, double> means;
  for (const MeasuredRun& run : runs)
    for (const auto& [kind, frames] : run.in_kind)
      means[kind] += frames / static_cast<double>(runs.size());
  return means;
}

Estimate by(const Estimate& estimate, double divisor) {
  return {estimate.value / divisor, estimate.low / divisor, estimate.high / divisor};
}

}  // namespace

const MeasuredRun& typical_run(const MeasuredCell& cell) {
  std::vector<const MeasuredRun*> runs;
  for (const MeasuredRun& run : cell.runs) runs.push_back(&run);
  const auto middle = runs.begin() + std::ssize(runs) / 2;
  std::ranges::nth_element(runs, middle, {}, &MeasuredRun::wall_seconds);
  return **middle;
}

CellSummary summarize(const MeasuredCell& cell, const MeasuredCell& reference, std::uint64_t seed) {
  CellSummary s;
  const double cores = cell.cell.cores;
  const std::vector<double> fps = each(cell, &MeasuredRun::fps);
  s.fps = median_estimate(fps, seed);
  s.speed_up = ratio_estimate(fps, each(reference, &MeasuredRun::fps), seed);
  s.efficiency = by(s.speed_up, cores);
  s.fps_per_core = s.fps.value / cores;
  s.cpu_seconds_per_1000 = median_of(cell, cpu_per_1000);
  s.wall_seconds = median_of(cell, &MeasuredRun::wall_seconds);
  s.in_progress = median_of(cell, &MeasuredRun::in_progress);
  s.executing = median_of(cell, &MeasuredRun::executing);
  s.quadrant = quadrant_of(s.in_progress, s.executing);
  s.peak_rss_bytes = static_cast<std::int64_t>(greatest(cell, &MeasuredRun::peak_rss_bytes));
  s.peak_threads = static_cast<int>(greatest(cell, &MeasuredRun::peak_threads));
  s.switches.voluntary = static_cast<std::int64_t>(
      median_of(cell, [](const MeasuredRun& run) { return run.switches.voluntary; }));
  s.switches.involuntary = static_cast<std::int64_t>(
      median_of(cell, [](const MeasuredRun& run) { return run.switches.involuntary; }));
  s.stages = mean_stages(cell.runs);
  s.in_kind = mean_in_kind(cell.runs);
  return s;
}

}  // namespace quadrant
