// SPDX-License-Identifier: MIT
// A benchmark on the terminal.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>

#include "pipeline/config/utf8.h"
#include "tools/bench_result.h"
#include "tools/table.h"

namespace quadrant {
namespace {

const TableRow heads_above{
    "",   "", "median", "95 % interval", "",     "",       "fps per", "CPU s per",
    "in", "", "",       "peak RSS",      "peak", "context"};
const TableRow heads{"mode",       "cores", "fps",         "of fps",   "speed-up",
                     "efficiency", "core",  "1000 frames", "progress", "executing",
                     "quadrant",   "MiB",   "threads",     "switches"};

// Red for a cell whose result differs.
std::string_view colour_of(const MeasuredCell& cell, const std::string& quadrant) {
  return cell.differences.empty() ? colour_of_quadrant(quadrant) : "\033[31m";
}

TableRow row_of(const MeasuredCell& cell, const CellSummary& s) {
  constexpr double mebibyte = 1024.0 * 1024;
  return {std::string(name_of(cell.cell.mode)),
          fmt::format("{}", cell.cell.cores),
          fmt::format("{:.2f}", s.fps.value),
          fmt::format("{:.2f} - {:.2f}", s.fps.low, s.fps.high),
          fmt::format("{:.2f}x", s.speed_up.value),
          fmt::format("{:.0f} %", s.efficiency.value * 100),
          fmt::format("{:.2f}", s.fps_per_core),
          fmt::format("{:.2f}", s.cpu_seconds_per_1000),
          fmt::format("{:.2f}", s.in_progress),
          fmt::format("{:.2f}", s.executing),
          cell.differences.empty() ? s.quadrant : "DIFFERS from sequential",
          fmt::format("{:.0f}", static_cast<double>(s.peak_rss_bytes) / mebibyte),
          fmt::format("{}", s.peak_threads),
          fmt::format("{}", s.switches.voluntary + s.switches.involuntary)};
}

// Cells without a row, or with a wrong one.
std::string notes_of(const MeasuredCell& cell) {
  std::string text;
  if (!cell.impossible.empty())
    text += fmt::format("{}: not possible: {}\n", name_of(cell.cell), printable(cell.impossible));
  for (const std::string& difference : cell.differences)
    text +=
        fmt::format("{}: differs from sequential: {}\n", name_of(cell.cell), printable(difference));
  return text;
}

std::string interval_of(std::string_view name, const Estimate& e) {
  return fmt::format("{} {:.4f} ({:.4f} to {:.4f})", name, e.value, e.low, e.high);
}

std::string text_of(Mode mode, const Fit& fit) {
  std::string text =
      fmt::format("{}: {}: {}", name_of(mode), name_of(fit.law), interval_of("sigma", fit.sigma));
  if (fit.law == Law::universal) text += ", " + interval_of("kappa", fit.kappa);
  text += fmt::format(", off by {:.1f} %", fit.relative_error * 100);
  if (const auto peak = fit.peak_cores())
    text += fmt::format("; more than {:.0f} cores would make it slower", *peak);
  return text + "\n";
}

// The fitted laws, mode by mode; then those not fitted, each reason once.
std::string text_of(const std::vector<LawOfMode>& laws) {
  std::string text;
  std::map<std::pair<Law, std::string>, std::vector<std::string_view>> refused;
  for (const LawOfMode& l : laws)
    if (l.result.fit)
      text += text_of(l.mode, *l.result.fit);
    else
      refused[{l.law, l.result.why_not}].push_back(name_of(l.mode));
  for (const auto& [why, modes] : refused)
    text += fmt::format("{}: {}: not fitted: {}\n", fmt::join(modes, ", "), name_of(why.first),
                        why.second);
  return text;
}

}  // namespace

std::string bench_table(const BenchResult& result, bool coloured) {
  Table table{.rows = {heads_above, heads}, .texts = {0, 10}, .colours = {bold, bold}};
  std::string notes;
  for (const MeasuredCell& cell : result.cells) {
    notes += notes_of(cell);
    const std::optional<CellSummary> summary = result.summary(cell);
    if (!summary) continue;
    table.rows.push_back(row_of(cell, *summary));
    table.colours.push_back(colour_of(cell, summary->quadrant));
  }
  if (!coloured) table.colours.clear();
  return table.text() + notes + text_of(result.laws()) +
         fmt::format("{}\n", fmt::join(result.answer().summary, "\n"));
}

}  // namespace quadrant
