// SPDX-License-Identifier: MIT
// The progress of a planned run, from its directory alone: asks no process, and reads only names
// and small records. Whether a unit is damaged is found by `merge`.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/job/run_directory.h"
#include "pipeline/store/unit_store.h"

namespace quadrant {

struct RunStatus {
  enum class State { done, under_way, failed, left };
  std::vector<PlannedUnit> units;
  std::vector<State> states;                   // by unit
  std::map<std::string, UnitRecord> failures;  // by id, of those that failed
  std::map<std::string, bool> finished;  // by output: does it exist, from this or any other job?
  // Seconds until all units are done, if as many are in progress as now (at least 1). The range is
  // from the first to the third quartile of the finished units' seconds per cost. None if nothing
  // was measured, or nothing is left.
  std::optional<std::pair<double, double>> seconds_left;

  int count(State state) const;
};
std::string_view state_name(RunStatus::State state);

RunStatus status_of(const RunDirectory& run);

}  // namespace quadrant
