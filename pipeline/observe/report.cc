// SPDX-License-Identifier: MIT
#include "pipeline/observe/report.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <numeric>

#include "pipeline/counted.h"

namespace quadrant {
namespace {

constexpr double more_than_one = 1.05;

}  // namespace

std::int64_t Report::frames_out() const {
  std::int64_t sum = 0;
  for (const InputReport& input : inputs) sum += input.frames_out;
  return sum;
}

double Report::not_in_progress_seconds() const {
  return std::max(0.0, std::accumulate(in_progress_seconds.begin(), in_progress_seconds.end(),
                                       wall_seconds, std::minus()));
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
  return fmt::format("{}: {:.1f} in progress, {:.2f} executing on {}: {}, {:.1f} fps", report.mode,
                     report.in_progress_mean, report.executing_mean(),
                     counted(report.cores, "core"), quadrant_of(report), report.fps());
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

std::int64_t rss_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::int64_t all = 0, resident = 0;
  statm >> all >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

int thread_count() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("Threads:")) return std::atoi(line.c_str() + 8);
  return 1;
}

}  // namespace quadrant
