// SPDX-License-Identifier: MIT
// What a run and the process of a unit say to each other:
//
//   run      open ─▶           part ─▶                          or  stitch ─▶
//   process        ◀─ opened          ◀─ figures ... ◀─ made               ◀─ figures ... ◀─ made
//
// In place of any answer: failed, with the fault. Each is a map with that one key.
#pragma once

#include <map>
#include <nlohmann/json.hpp>

#include "pipeline/batch/outline.h"
#include "pipeline/execute/session.h"
#include "pipeline/media/stitch.h"
#include "pipeline/observe/json.h"

namespace quadrant {

struct OpenOrder {
  JobText job;
  std::string input, output;
  Mode mode = Mode::automatic;  // that was asked for
  Resources resources;
  std::vector<Segment> segments;  // none: to be looked for
};

struct PartOrder {
  Part::Kind kind = Part::Kind::whole;
  Segment segment;
  std::string head;  // of the packet file
  std::string path;  // where it grows
  int cores = 1;
  std::int64_t memory = 0;  // bytes for frames in flight
  bool hashes = false;
};

struct StitchOrder {
  PacketFiles files;
  std::string path;
};

// Counters of a process so far.
struct Figures {
  struct Stage {
    std::string name;
    std::int64_t calls = 0, cpu_ns = 0, wait_ns = 0;
  };
  std::int64_t packets_in = 0, frames_in = 0, frames_out = 0, decode_errors = 0;
  std::int64_t moves = 0;                              // StopFlag::moves()
  std::int64_t in_progress = 0, in_progress_peak = 0;  // frames now, and at most
  double frame_seconds = 0;                            // ProgressMeter::frame_seconds()
  std::int64_t full_ns = 0;                            // InputMeter::full_ns()
  double cpu_seconds = 0;
  std::int64_t rss_bytes = 0;
  int threads = 0;              // now
  std::map<int, Stage> stages;  // by place
  struct At {                   // ProgressMeter::place_ns()
    int node = 0, kind = 0;
    std::string at;
    std::int64_t ns = 0;
  };
  std::vector<At> places;
};

struct Opened {
  Outline outline;
  Complaints reading;
};

struct Made {
  Figures figures;
  std::string hashes;
  Complaints reading, decoding;
  std::vector<int> unplanned;  // streams
};

struct Failed {
  Fault fault = Fault::internal;
  std::string what;
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Override, key, value, option)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(JobText, name, yaml, overrides)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Resources, cores, memory, inputs, in_flight)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Segment, index, begin, end, first, last, key_pts, key_dts,
                                   packets, pictures, weight)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PacketFiles, segments, rest)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Outline, expected_frames, indexed_packets, mode, mode_reason,
                                   segments, losses, notes, graph)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Complaints, lines, first)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(OpenOrder, job, input, output, mode, resources, segments)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PartOrder, kind, segment, head, path, cores, memory, hashes)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(StitchOrder, files, path)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Figures::Stage, name, calls, cpu_ns, wait_ns)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Figures::At, node, kind, at, ns)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Figures, packets_in, frames_in, frames_out, decode_errors, moves,
                                   in_progress, in_progress_peak, frame_seconds, full_ns,
                                   cpu_seconds, rss_bytes, threads, stages, places)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Opened, outline, reading)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Made, figures, hashes, reading, decoding, unplanned)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Failed, fault, what)

}  // namespace quadrant
