// SPDX-License-Identifier: MIT
#include "pipeline/batch/run_status.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "pipeline/batch/left_overs.h"
#include "pipeline/batch/segment_store.h"

namespace quadrant {
namespace {

namespace fs = std::filesystem;
using State = RunStatus::State;

struct Seen {
  std::set<std::string> whole, growing;  // ids
};

Seen look_at_units(const std::string& directory) {
  Seen seen;
  std::error_code ignored;
  for (const fs::directory_entry& each : fs::directory_iterator(directory, ignored)) {
    const std::string name = each.path().filename().string();
    if (const std::string id = whole_id(name); !id.empty()) seen.whole.insert(id);
    if (const std::string id = growing_id(name); !id.empty() && !is_abandoned(each.path()))
      seen.growing.insert(id);
  }
  return seen;
}

// Seconds for a unit of cost, of every finished unit that was measured; sorted.
std::vector<double> paces(const RunStatus& status, const std::map<std::string, double>& seconds) {
  std::vector<double> all;
  for (const PlannedUnit& unit : status.units) {
    const auto found = seconds.find(unit.id);
    if (found != seconds.end() && found->second > 0 && unit.cost > 0)
      all.push_back(found->second / unit.cost);
  }
  std::ranges::sort(all);
  return all;
}

void estimate(RunStatus& status, const std::map<std::string, double>& seconds) {
  const std::vector<double> pace = paces(status, seconds);
  double left = 0;
  for (std::size_t i = 0; i < status.units.size(); ++i)
    if (status.states[i] != State::done) left += status.units[i].cost;
  if (pace.empty() || left == 0) return;
  const double at_once = std::max(1, status.count(State::under_way));
  const std::size_t quarter = pace.size() / 4;
  status.seconds_left = {left * pace[quarter] / at_once,
                         left * pace[pace.size() - 1 - quarter] / at_once};
}

}  // namespace

int RunStatus::count(State state) const {
  return static_cast<int>(std::ranges::count(states, state));
}

std::string_view state_name(RunStatus::State state) {
  switch (state) {
    case State::done: return "done";
    case State::under_way: return "under way";
    case State::failed: return "failed";
    case State::left: break;
  }
  return "left";
}

RunStatus status_of(const RunDirectory& run) {
  RunStatus status{.units = run.read_units(), .failures = UnitRecords::failures(run.failed())};
  const Seen seen = look_at_units(run.units());
  Journals journals;
  for (const PlannedUnit& unit : status.units) {
    status.states.push_back(seen.whole.contains(unit.id)        ? State::done
                            : seen.growing.contains(unit.id)    ? State::under_way
                            : status.failures.contains(unit.id) ? State::failed
                                                                : State::left);
    if (!status.finished.contains(unit.output)) {
      const std::string file = journals.last(unit.output).file;
      status.finished[unit.output] = !file.empty() && file == identity(unit.output);
    }
  }
  estimate(status, UnitRecords::seconds(run.units()));
  return status;
}

}  // namespace quadrant
