// SPDX-License-Identifier: MIT
// What a job needs of an input's plan to schedule its units and report on it. Plain values: the
// plan itself may be in another process.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/plan/graph.h"
#include "pipeline/plan/plan.h"
#include "pipeline/plan/unit.h"

namespace quadrant {

struct Outline {
  std::int64_t expected_frames = 0, indexed_packets = 0;  // of the video; 0: unknown
  Mode mode = Mode::sequential;
  std::string mode_reason;
  std::vector<Unit> units;  // all units of the input
  std::vector<std::string> losses, notes;
  PlanGraph graph;
  std::vector<std::string> beside;  // "sound stays 52.2 s": what is kept besides the picture

  bool is_cut() const { return units.size() > 1; }
};

// The other streams and the chapters of the output, with their lengths where they are known.
std::vector<std::string> beside_picture(const Plan& plan);

inline Outline outline_of(const Plan& plan, const JobKey& key) {
  return {plan.input.expected_frames(),
          plan.input.video_stream().indexed,
          plan.mode,
          plan.mode_reason,
          units_of(plan, key),
          plan.losses,
          plan.notes,
          graph_of(plan),
          beside_picture(plan)};
}

}  // namespace quadrant
