// SPDX-License-Identifier: MIT
// Advice and its output formats.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipeline/calibration/calibration.h"
#include "pipeline/observe/machine.h"
#include "pipeline/scaling/advice.h"
#include "tools/bench_result.h"

namespace quadrant {

struct ToldAdvice {
  std::string config;
  std::vector<std::string> inputs;
  std::string command;  // that runs what is recommended
  Machine machine;
  int available = 1;  // cores available here
  std::vector<PlannedAlike> plans;
  Calibration calibration;
  Advice advice;
  std::optional<BenchResult> check;  // the same cells measured, up to the cores available here
  std::vector<SpeedFactor> speeds;   // before each run of the check, and after the last
  std::vector<Cell> timed;  // in the order of their runs: run i is between speeds i and i + 1

  // What was measured for a predicted cell; nothing if it was not.
  std::optional<CellSummary> measured(const Cell& cell) const;
  // Speed of that many cores relative to the calibration: the median around a cell's runs; 1 if
  // none was timed.
  double speed_factor(const Cell& cell) const;
  // The prediction for a machine with that speed.
  double adjusted_fps(const Cell& cell) const;

 private:
  SpeedFactor around(const Cell& cell) const;  // median over the cell's runs
};

std::string advice_text(const ToldAdvice& told, bool coloured);
std::string advice_json(const ToldAdvice& told);  // schema quadrant-advice/3

}  // namespace quadrant
