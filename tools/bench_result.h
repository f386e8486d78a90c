// SPDX-License-Identifier: MIT
// A finished benchmark, and the forms it is told in.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipeline/observe/machine.h"
#include "pipeline/observe/plan_graph.h"
#include "pipeline/scaling/doubts.h"
#include "pipeline/scaling/laws.h"
#include "pipeline/scaling/measured.h"

namespace quadrant {

// A law fitted to a mode, or why not.
struct LawOfMode {
  Mode mode = Mode::sequential;
  Law law = Law::amdahl;
  FitResult result;
};

struct BenchResult {
  std::string config;
  std::vector<std::string> inputs;
  std::string output;  // "null" or "file": where the frames went
  int rounds = 0, warm_up = 0;
  std::uint64_t seed = 0;
  std::vector<MeasuredCell> cells;  // the first is the reference
  std::vector<PlannedAlike> plans;  // of the reference
  bool stopped = false;             // before all rounds were run

  Machine machine;
  Conditions conditions;

  // Nothing for a cell that has no runs.
  std::optional<CellSummary> summary(const MeasuredCell& cell) const;
  bool agrees() const;  // all made what the reference made
  // The cell of the highest median of those that agree; nullptr if nothing was measured.
  const MeasuredCell* best() const;
  // That in words, and which cells cannot be told from it.
  std::vector<std::string> answer() const;
  // Both laws for each mode that several cores can run, over the cells that are right.
  std::vector<LawOfMode> laws() const;
  std::vector<std::string> warnings() const;
};

std::string name_of(const Cell& cell);  // "frames on 2 cores"

// For a terminal: a row a cell, then what differed or could not be run, the laws, the answer.
std::string bench_table(const BenchResult& result, bool coloured);
std::string bench_json(const BenchResult& result);  // schema quadrant-bench/2
std::string bench_csv(const BenchResult& result);   // a row a run, with the cell it belongs to

}  // namespace quadrant
