// SPDX-License-Identifier: MIT
#include "tools/bench_result.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "pipeline/counted.h"
#include "pipeline/media/versions.h"
#include "pipeline/observe/json.h"

namespace quadrant {
namespace {

using nlohmann::ordered_json;

ordered_json json_of(const Estimate& e) {
  return {{"median", e.value}, {"low", e.low}, {"high", e.high}};
}

ordered_json json_of(const MachineUse& use) {
  return {{"other_cores", use.other_cores},
          {"stolen_cores", use.stolen_cores},
          {"swapped_bytes", use.swapped_bytes},
          {"megahertz", use.megahertz}};
}

ordered_json json_of(const Machine& machine, const Conditions& conditions) {
  ordered_json all = json_of(machine);
  all["available_cores"] = conditions.cores;
  const bool limited = std::isfinite(conditions.quota);
  all["quota_cores"] = limited ? ordered_json(conditions.quota) : ordered_json();
  return all;
}

ordered_json json_of_parameter(const Estimate& e) {
  return {{"value", e.value}, {"low", e.low}, {"high", e.high}};
}

ordered_json json_of(const Fit& fit) {
  const std::optional<double> peak = fit.peak_cores();
  return {{"law", name_of(fit.law)},
          {"lambda", json_of_parameter(fit.lambda)},
          {"sigma", json_of_parameter(fit.sigma)},
          {"kappa", json_of_parameter(fit.kappa)},
          {"relative_error", fit.relative_error},
          {"most_cores", fit.most_cores},
          {"peak_cores", peak ? ordered_json(*peak) : ordered_json()}};
}

// One entry per mode: {mode, fits, why_not}.
ordered_json json_of(const std::vector<LawOfMode>& laws) {
  ordered_json all = ordered_json::array();
  for (const LawOfMode& l : laws) {
    if (all.empty() || all.back().at("mode") != name_of(l.mode))
      all.push_back({{"mode", name_of(l.mode)},
                     {"fits", ordered_json::array()},
                     {"why_not", ordered_json::array()}});
    if (l.result.fit)
      all.back()["fits"].push_back(json_of(*l.result.fit));
    else
      all.back()["why_not"].push_back({{"law", name_of(l.law)}, {"reason", l.result.why_not}});
  }
  return all;
}

ordered_json json_of(const MeasuredRun& run) {
  return {{"position", run.position},
          {"wall_seconds", run.wall_seconds},
          {"cpu_seconds", run.cpu_seconds},
          {"frames", run.frames},
          {"fps", run.fps()},
          {"in_progress", run.in_progress},
          {"executing", run.executing()},
          {"peak_rss_bytes", run.peak_rss_bytes},
          {"peak_threads", run.peak_threads},
          {"context_switches", json_of(run.switches)},
          {"machine", json_of(run.machine)}};
}

ordered_json json_of(const CellSummary& s) {
  return {{"fps", json_of(s.fps)},
          {"speed_up", json_of(s.speed_up)},
          {"efficiency", json_of(s.efficiency)},
          {"fps_per_core", s.fps_per_core},
          {"cpu_seconds_per_1000_frames", s.cpu_seconds_per_1000},
          {"wall_seconds", s.wall_seconds},
          {"in_progress", s.in_progress},
          {"in_progress_by_kind", s.in_kind},
          {"executing", s.executing},
          {"quadrant", s.quadrant},
          {"peak_rss_bytes", s.peak_rss_bytes},
          {"peak_threads", s.peak_threads},
          {"context_switches", json_of(s.switches)},
          {"stages", json_of(s.stages)}};
}

ordered_json json_of(const MeasuredCell& cell, const std::optional<CellSummary>& summary) {
  ordered_json runs = ordered_json::array();
  for (const MeasuredRun& run : cell.runs) runs.push_back(json_of(run));
  return {{"mode", name_of(cell.cell.mode)},
          {"cores", cell.cell.cores},
          {"impossible", cell.impossible.empty() ? ordered_json() : ordered_json(cell.impossible)},
          {"same_as_reference", cell.differences.empty() && cell.impossible.empty()},
          {"differences", cell.differences},
          {"summary", summary ? json_of(*summary) : ordered_json()},
          {"over_time", cell.runs.empty() ? ordered_json() : json_of(typical_run(cell).over_time)},
          {"runs", runs}};
}

ordered_json json_of(const MeasuredCell* best) {
  if (!best) return nullptr;
  return {{"mode", name_of(best->cell.mode)}, {"cores", best->cell.cores}};
}

}  // namespace

std::string name_of(const Cell& cell) {
  return fmt::format("{} on {}", name_of(cell.mode), counted(cell.cores, "core"));
}

std::optional<CellSummary> BenchResult::summary(const MeasuredCell& cell) const {
  if (cell.runs.empty()) return std::nullopt;
  return summarize(cell, cells.front(), seed);
}

bool BenchResult::agrees() const {
  return std::ranges::all_of(cells, [](const MeasuredCell& c) { return c.differences.empty(); });
}

std::vector<std::string> BenchResult::warnings() const {
  std::vector<std::string> all = doubts(cells, conditions);
  if (stopped)
    all.insert(all.begin(), "stopped before all rounds were run: fewer runs than requested");
  return all;
}

std::vector<LawOfMode> BenchResult::laws() const {
  std::map<Mode, std::vector<Throughput>> points;
  for (const MeasuredCell& cell : cells) {
    if (runs_on_one_core(cell.cell.mode)) continue;
    if (cell.cell.cores > conditions.cores || !cell.differences.empty()) continue;
    for (const MeasuredRun& run : cell.runs)
      points[cell.cell.mode].push_back({cell.cell.cores, run.fps()});
  }
  std::vector<LawOfMode> all;
  for (const auto& [mode, measured] : points)
    for (const Law law : {Law::amdahl, Law::universal})
      all.push_back({mode, law, fit_law(law, measured)});
  return all;
}

std::string bench_json(const BenchResult& result) {
  ordered_json cells = ordered_json::array();
  for (const MeasuredCell& cell : result.cells)
    cells.push_back(json_of(cell, result.summary(cell)));
  const BenchResult::Answer answer = result.answer();
  const ordered_json all = {{"schema", "quadrant-bench/2"},
                            {"version", quadrant_version()},
                            {"libraries", library_versions()},
                            {"config", result.config},
                            {"inputs", result.inputs},
                            {"output", result.output},
                            {"complete", !result.stopped},
                            {"best", json_of(answer.best)},
                            {"summary", answer.summary},
                            {"rounds", result.rounds},
                            {"warm_up", result.warm_up},
                            {"seed", result.seed},
                            {"max_ci_width", result.conditions.within},
                            {"machine", json_of(result.machine, result.conditions)},
                            {"warnings", result.warnings()},
                            {"laws", json_of(result.laws())},
                            {"plans", json_of(result.plans)},
                            {"cells", cells}};
  return all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string bench_csv(const BenchResult& result) {
  std::string text =
      "mode,cores,round,frames,wall_seconds,cpu_seconds,fps,in_progress,executing,peak_rss_bytes,"
      "peak_threads,voluntary_switches,involuntary_switches,same_as_reference\n";
  for (const MeasuredCell& cell : result.cells)
    for (std::size_t i = 0; i < cell.runs.size(); ++i) {
      const MeasuredRun& run = cell.runs[i];
      text +=
          fmt::format("{},{},{},{},{:.6f},{:.6f},{:.4f},{:.4f},{:.4f},{},{},{},{},{}\n",
                      name_of(cell.cell.mode), cell.cell.cores, i + 1, run.frames, run.wall_seconds,
                      run.cpu_seconds, run.fps(), run.in_progress, run.executing(),
                      run.peak_rss_bytes, run.peak_threads, run.switches.voluntary,
                      run.switches.involuntary, cell.differences.empty() ? "yes" : "no");
    }
  return text;
}

}  // namespace quadrant
