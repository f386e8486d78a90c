// SPDX-License-Identifier: MIT
#include "tools/verify_output.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "pipeline/config/utf8.h"
#include "pipeline/counted.h"
#include "pipeline/media/versions.h"

namespace quadrant {
namespace {

using nlohmann::ordered_json;

// The stage to blame, in one line.
std::string outcome_of(const VerifiedCell& cell) {
  if (!cell.differences.empty()) {
    const Difference& d = cell.differences.front();
    return fmt::format("DIFFERS: {}, frame {}", d.stage, d.frame);
  }
  if (!cell.breaches.empty()) return "BROKEN PROMISE";
  if (!cell.files.empty()) return "DIFFERS: the file";
  if (!cell.failures.empty()) return "FAILED";
  return cell.refused.empty() ? "same" : "not possible";
}

std::string row_of(const VerifiedCell& cell, bool coloured) {
  const bool bad = !cell.agrees() || !cell.failures.empty();
  return fmt::format("{:<10}  {:>5}  {:>9}  {:>5}  {:>7}  {:>8.2f}  {}{}{}\n",
                     cell.cell.confined ? "reach" : name_of(cell.cell.mode), cell.cell.cores,
                     cell.cell.in_flight > 0 ? fmt::format("{}", cell.cell.in_flight) : "auto",
                     cell.peak, cell.frames, cell.seconds, coloured && bad ? "\033[31m" : "",
                     printable(outcome_of(cell)), coloured && bad ? "\033[0m" : "");
}

std::string spread_of(const Difference& d) {
  std::string text;
  for (const Difference::Spread& s : d.spread)
    if (s.frames > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", s.stage, s.frames);
  return text;
}

std::string notes_of(const VerifiedCell& cell) {
  std::string text;
  const auto note = [&](std::string_view what, const std::string& words) {
    text += fmt::format("{}: {}{}\n", name_of(cell.cell), what, printable(words));
  };
  for (const Difference& d : cell.differences) {
    note("", describe(d));
    note("frames that differ: ", spread_of(d));
  }
  for (const std::string& file : cell.files) note("file: ", file);
  for (const std::string& breach : cell.breaches) note("", breach);
  for (const std::string& failure : cell.failures) note("failed: ", failure);
  for (const std::string& refused : cell.refused) note("not possible: ", refused);
  return text;
}

std::string notes_of(const VerifyResult::Input& input) {
  if (!input.failure.empty()) return "not verified: " + printable(input.failure) + "\n";
  if (input.unsteady)
    return printable(input.name) +
           ": the reference itself made something else the second time, so nothing can agree with "
           "it\n";
  return "";
}

// "decode, denoise, sharpen, encode"; for several inputs the union.
std::string points_of(const VerifyResult& result) {
  std::vector<std::string> all;
  for (const VerifyResult::Input& input : result.inputs)
    for (const std::string& point : input.points)
      if (std::ranges::find(all, point) == all.end()) all.push_back(point);
  return fmt::format("{}", fmt::join(all, ", "));
}

std::string verdict_of(const VerifyResult& result) {
  std::int64_t frames = 0, inputs = 0;
  for (const VerifyResult::Input& input : result.inputs) {
    frames += input.frames;
    inputs += input.failure.empty();
  }
  const auto differing =
      std::ranges::count_if(result.cells, [](const VerifiedCell& c) { return !c.agrees(); });
  if (differing > 0)
    return fmt::format("differs: {} of {}\n", differing, counted(std::ssize(result.cells), "run"));
  if (result.cells.empty()) return "incomplete: nothing was compared\n";
  return fmt::format("{}: {} of {} in {}, after {}, and the files\n",
                     result.complete() ? "same" : "incomplete; no difference so far",
                     counted(frames, "frame"), counted(inputs, "input"),
                     counted(std::ssize(result.cells), "run"), points_of(result));
}

ordered_json json_of(const Difference& d) {
  constexpr std::array kinds{"differs", "missing", "extra"};
  ordered_json all{{"input", d.input},
                   {"stage", d.stage},
                   {"stage_number", d.number > 0 ? ordered_json(d.number) : ordered_json()},
                   {"kind", kinds[static_cast<std::size_t>(d.kind)]},
                   {"frame", d.frame},
                   {"pts", d.pts},
                   {"seconds", d.seconds}};
  if (!d.tile.empty()) all["tile"] = d.tile;
  if (d.sample)
    all.update({{"plane", d.sample->plane},
                {"component", d.sample->component},
                {"x", d.sample->x},
                {"y", d.sample->y},
                {"value", d.sample->value},
                {"expected", d.sample->expected}});
  all["differing_frames"] = ordered_json::array();
  for (const Difference::Spread& s : d.spread)
    all["differing_frames"].push_back({{"stage", s.stage}, {"frames", s.frames}});
  return all;
}

ordered_json json_of(const VerifiedCell& cell) {
  ordered_json differences = ordered_json::array();
  for (const Difference& d : cell.differences) differences.push_back(json_of(d));
  return {
      {"run", cell.cell.confined ? "reach" : "mode"},
      {"mode", name_of(cell.cell.mode)},
      {"cores", cell.cell.cores},
      {"in_flight", cell.cell.in_flight > 0 ? ordered_json(cell.cell.in_flight) : ordered_json()},
      {"round", cell.round},
      {"frames", cell.frames},
      {"peak_in_progress", cell.peak},
      {"wall_seconds", cell.seconds},
      {"same", cell.agrees()},
      {"differences", std::move(differences)},
      {"files", cell.files},
      {"breaches", cell.breaches},
      {"failures", cell.failures},
      {"not_possible", cell.refused}};
}

ordered_json json_of(const VerifyResult::Input& input) {
  return {{"input", input.name},
          {"frames", input.frames},
          {"points", input.points},
          {"unsteady_reference", input.unsteady},
          {"failure", input.failure.empty() ? ordered_json() : ordered_json(input.failure)}};
}

}  // namespace

std::string verify_table(const VerifyResult& result, bool coloured) {
  std::string text;
  if (!result.cells.empty())
    text = fmt::format("{:<10}  {:>5}  {:>9}  {:>5}  {:>7}  {:>8}  {}\n", "run", "cores",
                       "in flight", "peak", "frames", "seconds", "against the reference");
  for (const VerifiedCell& cell : result.cells) text += row_of(cell, coloured);
  for (const VerifiedCell& cell : result.cells) text += notes_of(cell);
  for (const VerifyResult::Input& input : result.inputs) text += notes_of(input);
  return text + verdict_of(result);
}

std::string verify_json(const VerifyResult& result, const std::string& config) {
  ordered_json inputs = ordered_json::array(), cells = ordered_json::array();
  for (const VerifyResult::Input& input : result.inputs) inputs.push_back(json_of(input));
  for (const VerifiedCell& cell : result.cells) cells.push_back(json_of(cell));
  const ordered_json all{{"schema", "quadrant-verify/2"},   {"version", quadrant_version()},
                         {"libraries", library_versions()}, {"config", config},
                         {"same", result.agrees()},         {"complete", result.complete()},
                         {"inputs", std::move(inputs)},     {"runs", std::move(cells)}};
  // Names are bytes, and JSON is Unicode: what is not text is replaced.
  return all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace quadrant
