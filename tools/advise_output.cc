// SPDX-License-Identifier: MIT
#include "tools/advise_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "pipeline/config/utf8.h"
#include "pipeline/counted.h"
#include "pipeline/media/versions.h"
#include "pipeline/observe/json.h"
#include "pipeline/scaling/statistics.h"
#include "tools/table.h"

namespace quadrant {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr double mebibyte = 1024.0 * 1024;

std::string costs_table(const Workload& w, bool coloured) {
  Table table{.rows = {{"a frame at", "CPU ms", "waiting ms"}}, .texts = {0}, .colours = {bold}};
  for (const StageCost& p : w.stage_costs()) {
    table.rows.push_back({p.name, fmt::format("{:.2f}", p.cost.cpu * 1e3),
                          fmt::format("{:.2f}", p.cost.wait * 1e3)});
    table.colours.push_back(colour_of_quadrant(""));
  }
  if (!coloured) table.colours.clear();
  return table.text();
}

double sequential_fps(const Advice& advice) {
  const auto found = std::ranges::find_if(
      advice.cells, [](const PredictedCell& c) { return c.cell.is_reference(); });
  return found == advice.cells.end() ? 0 : found->prediction.fps();
}

TableRow row_of(const PredictedCell& c, double reference) {
  const Prediction& p = c.prediction;
  return {std::string(name_of(c.cell.mode)),
          std::to_string(c.cell.cores),
          fmt::format("{:.2f}", p.fps()),
          reference > 0 ? fmt::format("{:.2f}x", p.fps() / reference) : "",
          fmt::format("{:.2f}", p.in_progress),
          fmt::format("{:.2f}", p.executing()),
          quadrant_of(p.in_progress, p.executing()),
          fmt::format("{:.0f}", static_cast<double>(p.peak_bytes) / mebibyte),
          p.limit};
}

std::string cells_table(const ToldAdvice& told, bool coloured) {
  const double reference = sequential_fps(told.advice);
  Table table{.rows = {{"mode", "cores", "fps", "speed-up", "in progress", "executing", "quadrant",
                        "MiB", "limited by"}},
              .texts = {0, 6, 8},
              .colours = {bold}};
  std::string impossible;
  for (const PredictedCell& c : told.advice.cells) {
    if (!c.impossible.empty()) {
      impossible += fmt::format("{}: not possible: {}\n", name_of(c.cell), printable(c.impossible));
      continue;
    }
    table.rows.push_back(row_of(c, reference));
    table.colours.push_back(
        colour_of_quadrant(quadrant_of(c.prediction.in_progress, c.prediction.executing())));
  }
  if (!coloured) table.colours.clear();
  return table.text() + impossible;
}

std::string recommendation(const ToldAdvice& told) {
  const PredictedCell& best = told.advice.best();
  const auto fps = [](const PredictedCell& c) {
    return c.impossible.empty() ? c.prediction.fps() : 0;
  };
  const auto fastest = std::ranges::max_element(told.advice.cells, {}, fps);
  const std::string other =
      fastest->cell == best.cell || fastest->cell.cores > told.available
          ? ""
          : fmt::format(" (within 5 % of the fastest, {})", name_of(fastest->cell));
  return fmt::format("recommended: {}, {:.2f} fps{}: {}\n", name_of(best.cell),
                     best.prediction.fps(), other, printable(told.command));
}

std::string changes_text(const Advice& advice) {
  if (advice.what_ifs.empty()) return "none of the changes that were tried makes it 3 % faster\n";
  Table table{.rows = {{"change", "fps", "gain", "best mode then"}}, .texts = {0, 3}};
  for (const WhatIf& w : advice.what_ifs)
    table.rows.push_back(
        {w.change, fmt::format("{:.2f}", w.fps), fmt::format("{:.2f}", w.gain), name_of(w.best)});
  return table.text();
}

double error(double predicted, const CellSummary& measured) {
  return measured.fps.value > 0 ? predicted / measured.fps.value - 1 : 0;
}

std::string range_text(const std::vector<SpeedFactor>& speeds, double SpeedFactor::*which) {
  std::vector<double> values;
  for (const SpeedFactor& speed : speeds) values.push_back(speed.*which);
  const auto [least, most] = std::ranges::minmax(values);
  return fmt::format("{:.2f} ({:.2f} to {:.2f})", median(values), least, most);
}

std::string speed_text(const ToldAdvice& told) {
  const Contention then = told.calibration.workload.contention;
  std::string text =
      fmt::format("speed: during those runs, one core ran a calibration excerpt {} times as fast",
                  range_text(told.speeds, &SpeedFactor::alone));
  if (then.cores > 1)
    text += fmt::format(", {} cores at once {} times (during calibration {:.2f})", then.cores,
                        range_text(told.speeds, &SpeedFactor::together), 1 / then.factor);
  return text + fmt::format("; {}\n", counted(std::ssize(told.speeds), "sample"));
}

std::string check_text(const ToldAdvice& told) {
  Table table{.rows = {{"mode", "cores", "predicted", "measured", "95 % of the median", "error",
                        "speed", "adjusted error"}},
              .texts = {0}};
  double fastest = 0;
  std::vector<PredictedCell> measured;
  for (const PredictedCell& c : told.advice.cells) {
    const std::optional<CellSummary> m = told.measured(c.cell);
    if (!m || !c.impossible.empty()) continue;
    fastest = std::max(fastest, m->fps.value);
    measured.push_back(c);
    table.rows.push_back({std::string(name_of(c.cell.mode)), std::to_string(c.cell.cores),
                          fmt::format("{:.2f}", c.prediction.fps()),
                          fmt::format("{:.2f}", m->fps.value),
                          fmt::format("{:.2f} - {:.2f}", m->fps.low, m->fps.high),
                          fmt::format("{:+.1f} %", 100 * error(c.prediction.fps(), *m)),
                          fmt::format("{:.2f}", told.speed_factor(c.cell)),
                          fmt::format("{:+.1f} %", 100 * error(told.adjusted_fps(c.cell), *m))});
  }
  if (measured.empty()) return "";
  const auto preference = preference_for(told.calibration.workload, told.available);
  const Cell& best =  // for the cores available here
      measured[recommended_of(measured, preference)].cell;
  return table.text() + speed_text(told) +
         fmt::format("{}, recommended, reaches {:.1f} % of the best that was measured\n",
                     name_of(best), 100 * told.measured(best)->fps.value / fastest);
}

json json_of(const Prediction& p) {
  return {{"fps", p.fps()},
          {"wall_seconds", p.wall_seconds},
          {"cpu_seconds", p.cpu_seconds},
          {"in_progress", p.in_progress},
          {"peak_in_progress", p.peak_in_progress},
          {"executing", p.executing()},
          {"quadrant", quadrant_of(p.in_progress, p.executing())},
          {"peak_bytes", p.peak_bytes}};
}

json cell_json(const ToldAdvice& told, const PredictedCell& c) {
  json cell{{"mode", name_of(c.cell.mode)}, {"cores", c.cell.cores}};
  if (!c.impossible.empty()) return cell["impossible"] = c.impossible, cell;
  cell["predicted"] = json_of(c.prediction);
  cell["limited_by"] = c.prediction.limit;
  if (const std::optional<CellSummary> m = told.measured(c.cell))
    cell["measured"] = {{"fps", m->fps.value},
                        {"low", m->fps.low},
                        {"high", m->fps.high},
                        {"in_progress", m->in_progress},
                        {"executing", m->executing},
                        {"peak_rss_bytes", m->peak_rss_bytes},
                        {"error", error(c.prediction.fps(), *m)},
                        {"speed_factor", told.speed_factor(c.cell)},
                        {"adjusted_error", error(told.adjusted_fps(c.cell), *m)}};
  return cell;
}

ordered_json machine_json(const ToldAdvice& told) {
  ordered_json all = json_of(told.machine);
  all["available_cores"] = told.available;
  return all;
}

json calibration_json(const Calibration& r) {
  json stages = json::array();
  for (const StageCost& p : r.workload.stage_costs())
    stages.push_back(
        {{"name", p.name}, {"cpu_seconds", p.cost.cpu}, {"wait_seconds", p.cost.wait}});
  return {{"seconds", r.seconds},
          {"excerpts", r.excerpts.size()},
          {"frames", r.frames},
          {"stages", stages},
          {"frame_bytes", r.workload.frame_bytes},
          {"encoder_holds", r.workload.encode.held},
          {"encoder_threads", r.workload.encode.threads},
          {"contention", r.workload.contention.factor},
          {"spread_seconds", r.workload.spread},
          {"notes", r.notes}};
}

}  // namespace

std::optional<CellSummary> ToldAdvice::measured(const Cell& cell) const {
  if (!check) return std::nullopt;
  const auto found = std::ranges::find(check->cells, cell, &MeasuredCell::cell);
  return found == check->cells.end() ? std::nullopt : check->summary(*found);
}

SpeedFactor ToldAdvice::around(const Cell& cell) const {
  std::vector<double> alone, together;
  for (std::size_t i = 0; i + 1 < speeds.size(); ++i) {
    if (timed[i] != cell) continue;
    alone.push_back((speeds[i].alone + speeds[i + 1].alone) / 2);
    together.push_back((speeds[i].together + speeds[i + 1].together) / 2);
  }
  if (alone.empty()) return {1, 1 / calibration.workload.contention.factor};
  return {median(alone), median(together)};
}

double ToldAdvice::speed_factor(const Cell& cell) const {
  const SpeedFactor speed = around(cell);
  const Contention then = calibration.workload.contention, now = speed.contention(then.cores);
  const double busy = runs_on_one_core(cell.mode) ? 1 : cell.cores;
  return speed.alone * then.at(busy) / now.at(busy);
}

double ToldAdvice::adjusted_fps(const Cell& cell) const {
  return predict(at_speed(calibration.workload, around(cell)), cell.mode, cell.cores).fps();
}

std::string advice_text(const ToldAdvice& told, bool coloured) {
  const Calibration& r = told.calibration;
  std::string text = costs_table(r.workload, coloured) + "\n" + cells_table(told, coloured) +
                     recommendation(told) + "\n";
  for (const std::string& sentence : told.advice.summary) text += sentence + "\n";
  text += "\n" + changes_text(told.advice);
  if (told.check) text += "\n" + check_text(told);
  return text;
}

std::string advice_json(const ToldAdvice& told) {
  json cells = json::array(), changes = json::array();
  for (const PredictedCell& c : told.advice.cells) cells.push_back(cell_json(told, c));
  for (const WhatIf& w : told.advice.what_ifs)
    changes.push_back({{"change", w.change},
                       {"fps", w.fps},
                       {"gain", w.gain},
                       {"mode", name_of(w.best.mode)},
                       {"cores", w.best.cores}});
  const Cell& best = told.advice.best().cell;
  json all{{"schema", "quadrant-advice/3"},
           {"version", library_versions()},
           {"config", told.config},
           {"inputs", told.inputs},
           {"machine", machine_json(told)},
           {"plans", json_of(told.plans)},
           {"calibration", calibration_json(told.calibration)},
           {"cells", cells},
           {"recommended",
            {{"mode", name_of(best.mode)}, {"cores", best.cores}, {"command", told.command}}},
           {"summary", told.advice.summary},
           {"changes", changes}};
  for (const SpeedFactor& speed : told.speeds)
    all["speed_factors"].push_back({{"alone", speed.alone}, {"together", speed.together}});
  return all.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace quadrant
