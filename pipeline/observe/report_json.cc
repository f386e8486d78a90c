// SPDX-License-Identifier: MIT
// The report as JSON, schema quadrant-report/2: keys may be added, never changed.
#include <nlohmann/json.hpp>

#include "pipeline/observe/json.h"
#include "pipeline/observe/report.h"
#include "pipeline/observe/unaccounted_cpu.h"

namespace quadrant {
namespace {

using nlohmann::ordered_json;

// Figures of the run that made an output that is up to date: this one's are all 0.
ordered_json recorded_json(const InputReport& input) {
  if (input.recorded_frames == 0) return {};
  return {{"frames_out", input.recorded_frames}, {"wall_seconds", input.recorded_seconds}};
}

ordered_json to_json(const InputReport& input) {
  return {{"input", input.input},
          {"output", input.output},
          {"status", input.status},
          {"error", input.error.empty() ? ordered_json() : ordered_json(input.error)},
          {"mode", input.mode.empty() ? ordered_json() : ordered_json(input.mode)},
          {"mode_reason", input.mode_reason},
          {"frames_in", input.frames_in},
          {"frames_out", input.frames_out},
          {"frames_kept", input.frames_kept},
          {"recorded", recorded_json(input)},
          {"segments", input.segments},
          {"segments_kept", input.segments_kept},
          {"reprocessed", input.reprocessed},
          {"retried", input.retried},
          {"decode_errors", input.decode_errors},
          {"damage", input.damage},
          {"wall_seconds", input.wall_seconds},
          {"fps", input.fps()},
          {"losses", input.losses},
          {"plan", json_of(input.plan ? *input.plan : PlanGraph{})},
          {"backpressure_seconds", input.backpressure_seconds},
          {"stages", json_of(input.stages)}};
}

// [{frames, seconds}]: the seconds with that many frames in progress, from 0; numbers that never
// occurred are left out.
ordered_json in_progress_histogram(const Report& report) {
  ordered_json all = ordered_json::array();
  const auto add = [&](std::size_t frames, double seconds) {
    if (seconds > 0) all.push_back({{"frames", frames}, {"seconds", seconds}});
  };
  add(0, report.not_in_progress_seconds());
  for (std::size_t i = 0; i < report.in_progress_seconds.size(); ++i)
    add(i + 1, report.in_progress_seconds[i]);
  return all;
}

ordered_json json_of(const std::vector<FrameStateReport>& states, double wall_seconds) {
  ordered_json all = ordered_json::array();
  for (const FrameStateReport& state : states)
    all.push_back({{"kind", name_of(state.key.kind)},
                   {"at", state.key.at},
                   {"frame_seconds", state.frame_seconds},
                   {"mean", wall_seconds > 0 ? state.frame_seconds / wall_seconds : 0}});
  return all;
}

ordered_json in_progress_json(const Report& report) {
  return {{"mean", report.in_progress_mean},
          {"peak", report.in_progress_peak},
          {"histogram", in_progress_histogram(report)},
          {"states", json_of(report.states, report.wall_seconds)}};
}

ordered_json executing_histogram(const Report& report) {
  ordered_json all = ordered_json::array();
  for (std::size_t i = 0; i < report.executing_seconds.size(); ++i)
    if (const double seconds = report.executing_seconds[i]; seconds > 0)
      all.push_back({{"from", static_cast<double>(i) * OverTime::bin_cores},
                     {"to", static_cast<double>(i + 1) * OverTime::bin_cores},
                     {"seconds", seconds}});
  return all;
}

ordered_json json_of(const std::vector<ThreadReading>& threads) {
  ordered_json all = ordered_json::array();
  for (const ThreadReading& t : threads)
    all.push_back({{"name", t.name},
                   {"library", t.role.empty()},
                   {"busy_seconds", t.busy},
                   {"busy_cpu_seconds", t.busy_cpu},
                   {"cpu_seconds", t.cpu},
                   {"descheduled_seconds", t.delayed}});
  return all;
}

ordered_json executing_json(const Report& report) {
  const UnaccountedCpu d = unaccounted_cpu_of(report.threads);
  return {{"mean", report.executing_mean()},
          {"histogram", executing_histogram(report)},
          {"busy_mean", report.wall_seconds > 0 ? d.busy_seconds / report.wall_seconds : 0},
          {"unaccounted_cpu", d.share},
          {"unaccounted", d.words},
          {"threads", json_of(report.threads)}};
}

}  // namespace

std::string to_json(const Report& report) {
  ordered_json inputs = ordered_json::array();
  for (const InputReport& input : report.inputs) inputs.push_back(to_json(input));
  const ordered_json all = {{"schema", "quadrant-report/2"},
                            {"version", report.version},
                            {"libraries", report.libraries},
                            {"mode", report.mode},
                            {"mode_reason", report.mode_reason},
                            {"cores", report.cores},
                            {"wall_seconds", report.wall_seconds},
                            {"cpu_seconds", report.cpu_seconds},
                            {"peak_rss_bytes", report.peak_rss_bytes},
                            {"peak_threads", report.peak_threads},
                            {"context_switches", json_of(report.context_switches)},
                            {"in_progress", in_progress_json(report)},
                            {"executing", executing_json(report)},
                            {"quadrant", quadrant_of(report)},
                            {"fps", report.fps()},
                            {"machine", json_of(report.machine)},
                            {"over_time", json_of(report.over_time)},
                            {"inputs", inputs}};
  // A file name may hold any bytes; JSON is Unicode.
  return all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace quadrant
