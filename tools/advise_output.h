// SPDX-License-Identifier: MIT
// Advice, and the forms it is told in.
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
  int available = 1;  // cores here
  std::vector<PlannedAlike> plans;
  Calibration calibration;
  Advice advice;
  std::optional<BenchResult> check;  // the same cells measured, as far as the cores are here
  std::vector<SpeedFactor> speeds;   // before each run of the check, and after the last
  std::vector<Cell> timed;  // in the order of their runs: run i stands between speeds i and i + 1

  // What was measured for a predicted cell; nothing where it was not.
  std::optional<CellSummary> measured(const Cell& cell) const;
  // How many times as fast as in the calibration that many cores at once were: the median around a
  // cell's runs; 1 where none was timed.
  double speed_factor(const Cell& cell) const;
  // The prediction for a machine of that speed.
  double adjusted_fps(const Cell& cell) const;

 private:
  SpeedFactor around(const Cell& cell) const;  // the median of its runs
};

std::string advice_text(const ToldAdvice& told, bool coloured);
std::string advice_json(const ToldAdvice& told);  // schema quadrant-advice/3

}  // namespace quadrant
