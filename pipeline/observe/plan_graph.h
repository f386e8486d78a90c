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

// A line of the ledger: what becomes of a stream and its properties.
struct LedgerLine {
  std::string state;        // kept, converted, lost, left out (as the job says)
  std::string subject;      // "#1 audio", "file"
  std::string what;         // "as it is; language deu, title", "mp4 cannot hold subrip subtitle"
  bool is_unasked = false;  // converted or unprocessed, though the job does not say so

  bool operator==(const LedgerLine&) const = default;
};

struct PlanGraph {
  std::vector<PlanNode> nodes;        // in order of the data flow
  std::vector<PlanNode> passthrough;  // streams without frames: what becomes of them
  std::vector<LedgerLine> ledger;     // in order of the input's streams; last those of the file

  bool operator==(const PlanGraph&) const = default;
};

// The inputs whose plans have the same nodes.
struct PlannedAlike {
  PlanGraph plan;
  std::vector<std::string> inputs;
};
void add_plan(std::vector<PlannedAlike>& all, const std::string& input, const PlanGraph& plan);

}  // namespace quadrant
