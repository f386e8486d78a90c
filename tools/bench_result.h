// SPDX-License-Identifier: MIT
// A finished benchmark and its output formats.
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

// A law fitted to a mode, or the reason why not.
struct LawOfMode {
  Mode mode = Mode::sequential;
  Law law = Law::amdahl;
  FitResult result;
};

struct BenchResult {
  std::string config;
  std::vector<std::string> inputs;
  std::string output;  // "null" or "file": where the frames were written
  int rounds = 0, warm_up = 0;
  std::uint64_t seed = 0;
  std::vector<MeasuredCell> cells;  // the first is the reference
  std::vector<PlannedAlike> plans;  // from the reference
  bool stopped = false;             // before all rounds had run

  Machine machine;
  Conditions conditions;

  // Nothing for a cell without runs.
  std::optional<CellSummary> summary(const MeasuredCell& cell) const;
  bool agrees() const;  // every cell made the reference's result
  struct Answer {
    const MeasuredCell* best = nullptr;  // the highest median of those that agree; null: none
    std::vector<std::string> summary;    // that in words, and which cells cannot be told from it
  };
  Answer answer() const;
  // Both laws for each mode that can use several cores, fitted to the cells that agree.
  std::vector<LawOfMode> laws() const;
  std::vector<std::string> warnings() const;
};

std::string name_of(const Cell& cell);  // "frames on 2 cores"

// For a terminal: one row per cell, then differences and impossible cells, the laws, the answer.
std::string bench_table(const BenchResult& result, bool coloured);
std::string bench_json(const BenchResult& result);  // schema quadrant-bench/2
std::string bench_csv(const BenchResult& result);   // one row per run, with its cell

}  // namespace quadrant
