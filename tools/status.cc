// SPDX-License-Identifier: MIT
// quadrant status: the progress of a planned run, or of a directory of outputs.
#include <algorithm>
#include <array>
#include <cmath>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "pipeline/config/utf8.h"
#include "pipeline/counted.h"
#include "pipeline/job/run_note.h"
#include "pipeline/job/run_status.h"
#include "pipeline/store/left_overs.h"
#include "pipeline/store/paths.h"
#include "tools/command.h"

namespace quadrant {
namespace {

using Json = nlohmann::ordered_json;
using State = RunStatus::State;
using Range = std::optional<std::pair<double, double>>;

constexpr std::array all_states{State::done, State::under_way, State::failed, State::left};

struct InputCount {
  InputSpec input;
  std::string output;
  std::map<State, int> units;
};

std::vector<InputCount> counts_of(const RunStatus& status) {
  std::vector<InputCount> counts;
  for (std::size_t i = 0; i < status.units.size(); ++i) {
    const PlannedUnit& unit = status.units[i];
    if (counts.empty() || counts.back().input != unit.input || counts.back().output != unit.output)
      counts.push_back({unit.input, unit.output, {}});
    ++counts.back().units[status.states[i]];
  }
  return counts;
}

std::string key_of(State state) {
  return state == State::under_way ? "under_way" : std::string(state_name(state));
}

// Calls take(unit, failure) for each unit that failed and has not been done since.
template <class Take>
void for_each_failure(const RunStatus& status, Take take) {
  for (std::size_t i = 0; i < status.units.size(); ++i)
    if (status.states[i] == State::failed)
      take(status.units[i], status.failures.at(status.units[i].unit.id));
}

Json seconds_left(const Range& range) {
  return range ? Json::array({range->first, range->second}) : Json();
}

Json to_json(const RunStatus& status, const std::string& run) {
  Json told = {{"schema", "quadrant-status/2"}, {"run", escaped(run)}};
  told["units"] = status.units.size();
  for (const State state : all_states) told[key_of(state)] = status.count(state);
  told["seconds_left"] = seconds_left(status.seconds_left);
  told["inputs"] = Json::array();
  for (InputCount& each : counts_of(status)) {
    Json input = {{"input", escaped(to_text(each.input))}, {"output", escaped(each.output)}};
    for (const State state : all_states) input[key_of(state)] = each.units[state];
    input["finished"] = status.finished.at(each.output);
    told["inputs"].push_back(std::move(input));
  }
  told["failures"] = Json::array();
  for_each_failure(status, [&](const PlannedUnit& unit, const UnitRecord& failure) {
    told["failures"].push_back({{"id", unit.unit.id},
                                {"input", escaped(to_text(unit.input))},
                                {"range", unit.range()},
                                {"host", failure.host},
                                {"error", failure.error}});
  });
  return told;
}

std::string duration(double seconds) {
  const long minutes = std::lround(seconds / 60);
  if (seconds < 90) return fmt::format("{:.0f} s", seconds);
  return minutes < 90 ? fmt::format("{} min", minutes)
                      : fmt::format("{}:{:02} h", minutes / 60, minutes % 60);
}

std::string time_left(const Range& range, const std::string& how = "") {
  if (!range) return "";
  return fmt::format("time left: {} to {}{}\n", duration(range->first), duration(range->second),
                     how);
}

std::string text_of(const RunStatus& status) {
  std::string text;
  for (InputCount& each : counts_of(status)) {
    text += fmt::format("{}: ", to_text(each.input));
    for (const State state : all_states)
      if (each.units[state] > 0)
        text += fmt::format("{} {}, ", each.units[state], state_name(state));
    text += status.finished.at(each.output) ? "output finished\n" : "no output yet\n";
  }
  for_each_failure(status, [&](const PlannedUnit& unit, const UnitRecord& failure) {
    text += fmt::format("failed: {}: {}: {}: {} (on {})\n", unit.unit.id, to_text(unit.input),
                        unit.range(), failure.error, failure.host);
  });
  text += fmt::format("{}: {} done, {} under way, {} failed, {} left\n",
                      counted(std::ssize(status.units), "unit"), status.count(State::done),
                      status.count(State::under_way), status.count(State::failed),
                      status.count(State::left));
  return text +
         time_left(status.seconds_left,
                   fmt::format(" with {} at a time", std::max(1, status.count(State::under_way))));
}

// Ignores files of other programs.
std::vector<OutputTrace> our_traces(const std::string& directory) {
  std::vector<OutputTrace> traces = output_traces(directory);
  std::erase_if(traces, [](const OutputTrace& t) { return !t.part_is_ours && !t.has_segments; });
  return traces;
}

std::string state_of(const OutputTrace& trace) {
  return trace.live                         ? "under way"
         : trace.finished                   ? "finished"
         : trace.part || trace.has_segments ? "stopped"
         : !trace.is_there                  ? "missing"
                                            : "changed";
}

Json to_json(const std::vector<OutputTrace>& traces, const std::string& directory) {
  Json told = {{"schema", "quadrant-status/2"}, {"directory", escaped(directory)}};
  told["outputs"] = Json::array();
  for (const OutputTrace& trace : traces)
    told["outputs"].push_back({{"output", escaped(trace.name)},
                               {"state", state_of(trace)},
                               {"segments_kept", trace.segments}});
  told["runs"] = Json::array();
  for (const RunNote& note : notes_in(traces))
    told["runs"].push_back({{"run", note.run},
                            {"done", note.inputs.done},
                            {"under_way", note.inputs.under_way},
                            {"failed", note.inputs.failed},
                            {"left", note.inputs.left},
                            {"seconds_left", seconds_left(note.seconds_left)}});
  return told;
}

std::string text_of(const std::vector<OutputTrace>& traces) {
  std::string text;
  std::map<std::string, int> counts;
  for (const OutputTrace& trace : traces) {
    ++counts[state_of(trace)];
    text += fmt::format("{}: {}", trace.name, state_of(trace));
    text +=
        trace.segments > 0 ? fmt::format(", {}\n", counted(trace.segments, "finished unit")) : "\n";
  }
  for (const RunNote& note : notes_in(traces)) {
    text +=
        fmt::format("run {}: inputs: {} done, {} under way, {} failed, {} left\n", note.run,
                    note.inputs.done, note.inputs.under_way, note.inputs.failed, note.inputs.left);
    text += time_left(note.seconds_left);
  }
  return text +
         fmt::format("{}: {} finished, {} under way, {} stopped, {} changed{}\n",
                     counted(std::ssize(traces), "output"), counts["finished"], counts["under way"],
                     counts["stopped"], counts["changed"],
                     counts["missing"] > 0 ? fmt::format(", {} missing", counts["missing"]) : "");
}

int print_status(const std::string& directory, bool json) {
  const RunDirectory run(directory);
  if (run.is_planned()) {
    const RunStatus status = status_of(run);
    std::cout << (json ? to_json(status, run.path()).dump(2) + "\n"
                       : printable_lines(text_of(status)));
    return all_done;
  }
  const std::vector<OutputTrace> traces = our_traces(directory);
  std::cout << (json ? to_json(traces, directory).dump(2) + "\n"
                     : printable_lines(text_of(traces)));
  return all_done;
}

}  // namespace

Command status_command() {
  auto directory = std::make_shared<std::string>();
  auto json = std::make_shared<bool>(false);
  return {"status",
          "show the progress of a planned run or of a directory of outputs",
          {{.names = "DIR",
            .value = directory.get(),
            .help = "a planned run, or a directory of outputs",
            .required = true},
           {"--json", json.get(), "print JSON (quadrant-status/2)"}},
          [directory, json] { return print_status(*directory, *json); }};
}

}  // namespace quadrant
