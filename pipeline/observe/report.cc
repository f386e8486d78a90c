// SPDX-License-Identifier: MIT
#include "pipeline/observe/report.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "pipeline/media/versions.h"

namespace quadrant {
namespace {

using nlohmann::ordered_json;

constexpr double more_than_one = 1.05;

ordered_json to_json(const InputReport& input) {
  ordered_json stages = ordered_json::array();
  for (const StageReport& s : input.stages)
    stages.push_back({{"name", s.name},
                      {"calls", s.calls},
                      {"cpu_seconds", s.cpu_seconds},
                      {"wait_seconds", s.wait_seconds}});
  return {{"input", input.input},
          {"output", input.output},
          {"status", input.status},
          {"error", input.error.empty() ? ordered_json() : ordered_json(input.error)},
          {"mode", input.mode.empty() ? ordered_json() : ordered_json(input.mode)},
          {"mode_reason", input.mode_reason},
          {"frames_in", input.frames_in},
          {"frames_out", input.frames_out},
          {"frames_kept", input.frames_kept},
          {"segments", input.segments},
          {"segments_kept", input.segments_kept},
          {"redone", input.redone},
          {"retried", input.retried},
          {"decode_errors", input.decode_errors},
          {"damage", input.damage},
          {"wall_seconds", input.wall_seconds},
          {"fps", input.fps()},
          {"losses", input.losses},
          {"stages", stages}};
}

}  // namespace

std::int64_t Report::frames_out() const {
  std::int64_t sum = 0;
  for (const InputReport& input : inputs) sum += input.frames_out;
  return sum;
}

std::int64_t Report::frames_kept() const {
  std::int64_t sum = 0;
  for (const InputReport& input : inputs) sum += input.frames_kept;
  return sum;
}

std::string quadrant_of(double in_progress, double executing) {
  const bool concurrent = in_progress > more_than_one, parallel = executing > more_than_one;
  if (concurrent && parallel) return "concurrent and parallel";
  if (concurrent) return "concurrent, not parallel";
  if (parallel) return "parallel, not concurrent";
  return "neither concurrent nor parallel";
}

std::string quadrant_of(const Report& report) {
  return quadrant_of(report.in_progress_mean, report.executing_mean());
}

std::string reading(const Report& report) {
  return fmt::format("{}: {:.1f} in progress, {:.2f} executing on {} core{}: {}, {:.1f} fps",
                     report.mode, report.in_progress_mean, report.executing_mean(), report.cores,
                     report.cores == 1 ? "" : "s", quadrant_of(report), report.fps());
}

std::string to_json(const Report& report) {
  ordered_json inputs = ordered_json::array();
  for (const InputReport& input : report.inputs) inputs.push_back(to_json(input));
  const ordered_json all = {
      {"schema", "quadrant-report/1"},
      {"version", quadrant_version()},
      {"libraries", library_versions()},
      {"mode", report.mode},
      {"mode_reason", report.mode_reason},
      {"cores", report.cores},
      {"wall_seconds", report.wall_seconds},
      {"cpu_seconds", report.cpu_seconds},
      {"peak_rss_bytes", report.peak_rss_bytes},
      {"peak_threads", report.peak_threads},
      {"context_switches",
       {{"voluntary", report.context_switches.voluntary},
        {"involuntary", report.context_switches.involuntary}}},
      {"in_progress", {{"mean", report.in_progress_mean}, {"peak", report.in_progress_peak}}},
      {"executing", {{"mean", report.executing_mean()}}},
      {"quadrant", quadrant_of(report)},
      {"fps", report.fps()},
      {"inputs", inputs}};
  // A file name may hold any bytes; JSON holds Unicode.
  return all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::int64_t peak_rss_bytes() {
  rusage own{}, children{};
  getrusage(RUSAGE_SELF, &own);
  getrusage(RUSAGE_CHILDREN, &children);
  return std::int64_t{std::max(own.ru_maxrss, children.ru_maxrss)} * 1024;
}

ContextSwitches context_switches() {
  rusage own{}, children{};
  getrusage(RUSAGE_SELF, &own);
  getrusage(RUSAGE_CHILDREN, &children);
  return {own.ru_nvcsw + children.ru_nvcsw, own.ru_nivcsw + children.ru_nivcsw};
}

int thread_count() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("Threads:")) return std::atoi(line.c_str() + 8);
  return 1;
}

}  // namespace quadrant
