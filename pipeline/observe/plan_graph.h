// SPDX-License-Identifier: MIT
// A plan as a graph of plain values, for whoever draws it: the way of the frames from decoder to
// encoder, a node a step, and the streams that pass by them.
#pragma once

#include <string>
#include <vector>

namespace quadrant {

struct PlanNode {
  std::string name;                // as stages are called: "decode", "denoise+sharpen"
  std::string how;                 // "any order, 4 strips of 96 rows"
  std::vector<std::string> about;  // a line a stage
  std::string output;              // "yuv420p 640x360 25 fps"

  bool operator==(const PlanNode&) const = default;
};

struct PlanGraph {
  std::vector<PlanNode> nodes;        // one after another
  std::vector<PlanNode> passthrough;  // streams that no frame is made of: what becomes of them

  bool operator==(const PlanGraph&) const = default;
};

// Inputs whose plans look alike.
struct PlannedAlike {
  PlanGraph plan;
  std::vector<std::string> inputs;
};
void add_plan(std::vector<PlannedAlike>& all, const std::string& input, const PlanGraph& plan);

}  // namespace quadrant
