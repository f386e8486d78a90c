// SPDX-License-Identifier: MIT
#include "pipeline/job/summary.h"

#include <algorithm>

#include "pipeline/media/versions.h"

namespace quadrant {
namespace {

double seconds_of(const InputState& input) {
  if (input.began == 0) return 0;
  return (is_final(input.status) ? input.ended.load() : wall_seconds()) - input.began;
}

InputReport report_of(const InputState& input) {
  const Status status = input.status;  // read first: once it is settled, the rest is too
  InputReport report{input.input, input.output, std::string(name_of(status))};
  report.frames_in = input.meter.frames_in;
  report.frames_out = input.meter.frames_out;
  report.frames_kept = input.meter.frames_kept;
  report.decode_errors = input.meter.decode_errors;
  report.wall_seconds = seconds_of(input);
  report.segments = input.segments;
  report.segments_kept = input.segments_kept;
  report.backpressure_seconds = static_cast<double>(input.meter.backpressure_ns()) * 1e-9;
  for (const InputMeter::StageTotals& s : input.meter.stages())
    report.stages.push_back({s.name, s.calls, static_cast<double>(s.cpu_ns) * 1e-9,
                             static_cast<double>(s.wait_ns) * 1e-9});
  if (!is_settled(status)) return report;
  report.error = input.error;
  report.losses = input.losses;
  report.damage = input.damage;
  report.recorded_frames = input.recorded_frames;
  report.recorded_seconds = input.recorded_seconds;
  if (input.mode) report.mode = name_of(*input.mode);
  report.mode_reason = input.mode_reason;
  report.plan = input.plan;
  report.reprocessed = input.reprocessed;
  report.retried = input.retried;
  return report;
}

// A stage with a window is two nodes, but has one waiting state.
std::vector<FrameStateReport> states_of(const ProgressMeter& meter) {
  std::vector<FrameStateReport> all;
  for (const auto& [key, ns] : meter.state_ns()) {
    if (ns <= 0) continue;
    const auto same = [&key = key](const FrameStateReport& p) {  // clang 14 captures no binding
      return p.key.kind == key.kind && p.key.at == key.at;
    };
    auto state = std::ranges::find_if(all, same);
    if (state == all.end()) state = all.insert(all.end(), {key, 0});
    state->frame_seconds += static_cast<double>(ns) * 1e-9;
  }
  return all;
}

}  // namespace

namespace {

// An encoder that looks ahead takes frames long before it is done with them.
long held_by_encoder(const InputMeter& meter) {
  const std::int64_t coded = meter.packets_out, taken = meter.frames_out - meter.frames_kept;
  return std::max<std::int64_t>(0, taken - coded);
}

InputProgress progress_of(const InputState& input) {
  const Status status = input.status;  // read first: once it is settled, the rest is too
  return {.name = input.input,
          .status = std::string(name_of(status)),
          .error = is_settled(status) ? input.error : "",
          .frames = input.meter.frames_out,
          .expected = input.expected_frames,
          .kept = input.meter.frames_kept,
          .seconds = seconds_of(input),
          .held = is_final(status) ? 0 : held_by_encoder(input.meter),
          .id = &input};
}

}  // namespace

BatchProgress progress_of(Batch& batch, double seconds) {
  BatchProgress now{.seconds = seconds, .inputs = batch.inputs().size()};
  for (const InputState* input : batch.roster().take_ended())
    now.news.push_back(progress_of(*input));
  now.ended = batch.roster().ended();
  for (const InputState* input : batch.roster().under_way())
    now.running.push_back(progress_of(*input));
  return now;
}

Report report_of(const Batch& batch, const Watched& watched) {
  Report report{.version = quadrant_version(), .libraries = library_versions()};
  const ModeChoice mode = batch.mode();
  report.mode = name_of(mode.mode);
  report.mode_reason = mode.reason;
  report.cores = batch.cores();
  report.wall_seconds = watched.wall_seconds;
  report.cpu_seconds = watched.cpu_seconds;
  report.peak_rss_bytes = peak_rss_bytes();
  report.peak_threads = watched.peak_threads;
  report.context_switches = context_switches();
  const double wall = watched.wall_seconds;
  report.in_progress_mean = wall > 0 ? batch.meter().frame_seconds() / wall : 0;
  report.in_progress_peak = batch.meter().peak();
  report.in_progress_seconds = batch.meter().histogram();
  report.states = states_of(batch.meter());
  report.over_time = watched.over_time;
  report.executing_seconds = watched.executing_seconds;
  report.threads = watched.threads;
  report.machine = this_machine();
  for (const InputState& input : batch.inputs()) report.inputs.push_back(report_of(input));
  return report;
}

}  // namespace quadrant
