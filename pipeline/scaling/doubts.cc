// SPDX-License-Identifier: MIT
#include "pipeline/scaling/doubts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "pipeline/counted.h"

namespace quadrant {
namespace {

using Lines = std::vector<std::string>;

constexpr double busy_cores = 0.05;  // load of others that costs about as much as the margins allow
constexpr double tick_seconds = 0.03;  // possible error of the machine's clocks over one run
constexpr double cpu_spread = 1.1;
constexpr double stolen_cores = 0.02;
constexpr double clock_spread = 1.05;
constexpr double short_seconds = 0.5;  // ten samples of the number of threads
constexpr int enough_rounds = 5;

void doubt_conditions(const std::vector<MeasuredCell>& cells, const Conditions& c, Lines& lines) {
  if (!c.optimized)
    lines.push_back("a debug build: its figures are not what users run; build the release preset");
  if (std::isfinite(c.quota))
    lines.push_back(fmt::format(
        "a CPU quota of {:.2f} cores: where a run wants more, the kernel stops it for a while",
        c.quota));
  int most = 0;
  for (const MeasuredCell& cell : cells) most = std::max(most, cell.cell.cores);
  if (most > c.cores)
    lines.push_back(fmt::format(
        "{} cores were requested, but this process has {}: threads take turns, so those "
        "rows say nothing about {} cores",
        most, c.cores, most));
}

// Over all runs of all cells.
void doubt_machine(const std::vector<MeasuredRun>& runs, Lines& lines) {
  int loaded = 0;
  double sum = 0, most = 0, stolen = 0, slowest = 0, fastest = 0;
  std::int64_t swapped = 0;
  for (const MeasuredRun& run : runs) {
    const MachineUse& use = run.machine;
    loaded += (use.other_cores - busy_cores) * run.wall_seconds > tick_seconds;
    sum += use.other_cores;
    most = std::max(most, use.other_cores);
    stolen = std::max(stolen, use.stolen_cores);
    swapped += use.swapped_bytes;
    fastest = std::max(fastest, use.megahertz);
    slowest = slowest == 0 ? use.megahertz : std::min(slowest, use.megahertz);
  }
  if (loaded > 0)
    lines.push_back(fmt::format(
        "other load on the machine during {} of {}: {:.2f} cores on average, at most {:.2f}",
        loaded, counted(std::ssize(runs), "run"), sum / static_cast<double>(runs.size()), most));
  if (stolen > stolen_cores)
    lines.push_back(fmt::format("the hypervisor gave up to {:.2f} cores to others", stolen));
  if (slowest > 0 && fastest > clock_spread * slowest)
    lines.push_back(fmt::format("the CPU's clock was between {:.0f} and {:.0f} MHz from run to run",
                                slowest, fastest));
  if (swapped > 0)
    lines.push_back(fmt::format("the machine swapped, {:.1f} MiB in and out",
                                static_cast<double>(swapped) / (1024 * 1024)));
}

// The same work in the same mode costs the same CPU time, unless the processor was slower for a
// while: heat, an unreported clock change, or another load on the core's second hardware thread,
// which a virtual machine cannot see.
void doubt_processor(const std::vector<MeasuredCell>& cells, Lines& lines) {
  const MeasuredCell* worst = nullptr;
  double spread = cpu_spread, least = 0, most = 0;
  for (const MeasuredCell& cell : cells) {
    if (cell.runs.empty()) continue;
    const auto [low, high] = std::ranges::minmax(cell.runs, {}, &MeasuredRun::cpu_seconds);
    if (low.cpu_seconds < short_seconds || high.cpu_seconds < spread * low.cpu_seconds) continue;
    worst = &cell, spread = high.cpu_seconds / low.cpu_seconds;
    least = low.cpu_seconds, most = high.cpu_seconds;
  }
  if (worst != nullptr)
    lines.push_back(
        fmt::format("the processor was not always as fast: the same work, {} on {}, took {:.2f} to "
                    "{:.2f} CPU seconds",
                    name_of(worst->cell.mode), counted(worst->cell.cores, "core"), least, most));
}

void doubt_interval(const std::vector<MeasuredCell>& cells, const Conditions& c, Lines& lines) {
  const MeasuredCell* widest = nullptr;
  double error = c.within, shortest = short_seconds;
  for (const MeasuredCell& cell : cells) {
    if (cell.runs.empty()) continue;
    const CellSummary s = summarize(cell, cells.front(), c.seed);
    if (s.fps.relative_error() > error) widest = &cell, error = s.fps.relative_error();
    shortest = std::min(shortest, s.wall_seconds);
  }
  if (c.rounds < enough_rounds)
    lines.push_back(fmt::format(
        "{} per cell: their interval holds the true median with {:.4g} % certainty at most, not "
        "95 %; take --runs {}",
        counted(c.rounds, "run"), 100 * (1 - std::exp2(1 - c.rounds)), enough_rounds));
  if (widest != nullptr)  // an interval narrows with the root of the number of runs
    lines.push_back(fmt::format(
        "{} on {}: fps is known within {:.1f} %, and {:.1f} % was requested; about {:.0f} "
        "runs or a longer input would do",
        name_of(widest->cell.mode), counted(widest->cell.cores, "core"), error * 100,
        c.within * 100, std::ceil(c.rounds * std::pow(error / c.within, 2))));
  if (shortest < short_seconds)
    lines.push_back(fmt::format(
        "runs of {:.2f} s: starting threads and opening files weigh in; take a longer input",
        shortest));
}

}  // namespace

std::vector<std::string> doubts(const std::vector<MeasuredCell>& cells,
                                const Conditions& conditions) {
  Lines lines;
  std::vector<MeasuredRun> runs;
  for (const MeasuredCell& cell : cells)
    runs.insert(runs.end(), cell.runs.begin(), cell.runs.end());
  doubt_conditions(cells, conditions, lines);
  doubt_machine(runs, lines);
  doubt_processor(cells, lines);
  doubt_interval(cells, conditions, lines);
  return lines;
}

}  // namespace quadrant
