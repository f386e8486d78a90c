// SPDX-License-Identifier: MIT
// How far a planned run is, from what lies in its directory: nobody is asked, and nothing is read
// but names and the small records. Whether a unit is undamaged is the merge's to find out.
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
  std::map<std::string, bool> finished;        // by output: there, for this or another job
  // Seconds until all units are done, if as many are worked at as now (or one, if none is): by the
  // quarter of the finished units that was quickest for its cost, and by the slowest. None if
  // nothing was measured, or nothing is left.
  std::optional<std::pair<double, double>> seconds_left;

  int count(State state) const;
};
std::string_view state_name(RunStatus::State state);

RunStatus status_of(const RunDirectory& run);

}  // namespace quadrant
