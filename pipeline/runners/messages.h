// SPDX-License-Identifier: MIT
// The messages between a job and the child process of a unit:
//
//   job      open ─▶           unit ─▶                          or  stitch ─▶
//   process        ◀─ opened          ◀─ metrics ... ◀─ done               ◀─ metrics ... ◀─ done
//
// Instead of any answer: failed, with the fault. Each message is a map with one key, its name.
#pragma once

#include <map>
#include <nlohmann/json.hpp>

#include "pipeline/observe/findings_json.h"
#include "pipeline/observe/json.h"
#include "pipeline/plan/unit_json.h"
#include "pipeline/runners/runner.h"

namespace quadrant {

// Counters of a process since its start.
struct Metrics {
  struct Stage {
    std::string name;
    std::int64_t calls = 0, cpu_ns = 0, wait_ns = 0;
  };
  struct At {  // ProgressMeter::state_ns()
    int node = 0, kind = 0;
    std::string at;
    std::int64_t ns = 0;
  };
  std::int64_t packets_in = 0, frames_in = 0, frames_out = 0, packets_out = 0, decode_errors = 0;
  std::int64_t moves = 0;                              // StopFlag::moves()
  std::int64_t in_progress = 0, in_progress_peak = 0;  // frames now, and the peak
  double frame_seconds = 0;                            // ProgressMeter::frame_seconds()
  std::int64_t backpressure_ns = 0;                    // InputMeter::backpressure_ns()
  double cpu_seconds = 0;
  std::int64_t rss_bytes = 0;
  int threads = 0;              // now
  std::map<int, Stage> stages;  // by stage index
  std::vector<At> states;
};

struct Answer {
  Metrics metrics;
  UnitResult result;
};

struct Failed {
  Fault fault = Fault::internal;
  std::string what;
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Override, key, value, option)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(JobText, name, yaml, overrides)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Resources, cores, memory, inputs, in_flight, holds_all)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(JobKey, configuration, input, versions)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PacketFiles, segments, rest)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Outline, expected_frames, indexed_packets, mode, mode_reason,
                                   units, losses, notes, graph, beside)
// An input as the text that read_input() reads.
inline void to_json(nlohmann::json& j, const InputSpec& input) { j = to_text(input); }
inline void from_json(const nlohmann::json& j, InputSpec& input) {
  input = read_input(j.get<std::string>());
}
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(OpenOrder, job, input, output, mode, resources, key, segments)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(UnitOrder, unit, head, path, cores, memory, hashes)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(StitchOrder, files, path)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Metrics::Stage, name, calls, cpu_ns, wait_ns)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Metrics::At, node, kind, at, ns)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Metrics, packets_in, frames_in, frames_out, packets_out,
                                   decode_errors, moves, in_progress, in_progress_peak,
                                   frame_seconds, backpressure_ns, cpu_seconds, rss_bytes, threads,
                                   stages, states)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Opened, outline, reading)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(UnitResult, hashes, findings)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Answer, metrics, result)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Failed, fault, what)

}  // namespace quadrant
