// SPDX-License-Identifier: MIT
// A plan as a graph of plain values, for drawing: the path of the frames from decoder to encoder,
// one node per step, and the streams that bypass them.
#pragma once

#include <string>
#include <vector>

namespace quadrant {

struct PlanNode {
  std::string name;                // as stages are called: "decode", "denoise+sharpen"
  std::string how;                 // "any order, 4 strips of 96 rows"
  std::vector<std::string> about;  // one line per stage
  std::string output;              // "yuv420p 640x360 25 fps"

  bool operator==(const PlanNode&) const = default;
};

struct PlanGraph {
  std::vector<PlanNode> nodes;        // in order of the data flow
  std::vector<PlanNode> passthrough;  // streams without frames: what becomes of them

  bool operator==(const PlanGraph&) const = default;
};

// The inputs whose plans have the same graph.
struct PlannedAlike {
  PlanGraph plan;
  std::vector<std::string> inputs;
};
void add_plan(std::vector<PlannedAlike>& all, const std::string& input, const PlanGraph& plan);

}  // namespace quadrant
