// SPDX-License-Identifier: MIT
// The table on the terminal: columns as wide as what stands in them, numbers to the right.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>

#include "pipeline/config/utf8.h"
#include "tools/bench_result.h"

namespace quadrant {
namespace {

constexpr std::size_t columns = 14;
using Row = std::array<std::string, columns>;

const Row heads_above{
    "",   "",     "", "95 % of the median", "speed-", "effi-",  "fps/", "CPU s per",
    "in", "exe-", "", "peak RSS",           "peak",   "context"};
const Row heads{"mode",        "cores",    "fps",    "from - to", "up",  "ciency",  "core",
                "1000 frames", "progress", "cuting", "quadrant",  "MiB", "threads", "switches"};

bool is_text(std::size_t column) { return column == 0 || column == 10; }

std::size_t width_of(const std::string& text) { return printable_characters(text).size(); }

// ANSI colours, one a quadrant; red for a cell whose figures are of something else.
std::string_view colour_of(const MeasuredCell& cell, const std::string& quadrant) {
  if (!cell.differences.empty()) return "\033[31m";
  if (quadrant == "concurrent and parallel") return "\033[32m";
  if (quadrant == "concurrent, not parallel") return "\033[36m";
  if (quadrant == "parallel, not concurrent") return "\033[33m";
  return "\033[0m";
}

Row row_of(const MeasuredCell& cell, const CellSummary& s) {
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

std::string line_of(const Row& row, const std::array<std::size_t, columns>& widths) {
  std::string line;
  for (std::size_t i = 0; i < columns; ++i) {
    const std::string space(widths[i] - width_of(row[i]), ' ');
    line += (i > 0 ? "  " : "") + (is_text(i) ? row[i] + space : space + row[i]);
  }
  return line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
}

// What has no row, or a row that is wrong.
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

// What could be fitted, mode by mode; then what could not, once a reason.
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
  std::vector<Row> rows{heads_above, heads};
  std::vector<std::string_view> colours{"\033[1m", "\033[1m"};
  std::string notes;
  for (const MeasuredCell& cell : result.cells) {
    notes += notes_of(cell);
    const std::optional<CellSummary> summary = result.summary(cell);
    if (!summary) continue;
    rows.push_back(row_of(cell, *summary));
    colours.push_back(colour_of(cell, summary->quadrant));
  }
  std::array<std::size_t, columns> widths{};
  for (const Row& row : rows)
    for (std::size_t i = 0; i < columns; ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  std::string text;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string line = line_of(rows[i], widths);
    text +=
        coloured ? fmt::format("{}{}\033[0m\n", colours[i], line.substr(0, line.size() - 1)) : line;
  }
  return text + notes + text_of(result.laws());
}

}  // namespace quadrant
