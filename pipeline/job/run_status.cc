// SPDX-License-Identifier: MIT
#include "pipeline/job/run_status.h"

#include <algorithm>
#include <set>

#include "pipeline/store/identity.h"
#include "pipeline/store/journal.h"
#include "pipeline/store/left_overs.h"

namespace quadrant {
namespace {

using State = RunStatus::State;

struct Seen {
  std::set<std::string> whole, growing;  // ids
};

Seen look_at_units(const std::string& directory) {
  Seen seen;
  for (const fs::path& each : entries_of(directory)) {
    const std::string name = each.filename().string();
    if (const std::string id = whole_id(name); !id.empty()) seen.whole.insert(id);
    if (const std::string id = growing_id(name); !id.empty() && !is_abandoned(each))
      seen.growing.insert(id);
  }
  return seen;
}

// Seconds per cost of every finished unit that was measured; sorted.
std::vector<double> paces(const RunStatus& status,
                          const std::map<std::string, UnitRecord>& records) {
  std::vector<double> all;
  for (const PlannedUnit& unit : status.units) {
    const auto found = records.find(unit.unit.id);
    if (found != records.end() && found->second.seconds > 0 && unit.unit.cost > 0)
      all.push_back(found->second.seconds / unit.unit.cost);
  }
  std::ranges::sort(all);
  return all;
}

void estimate(RunStatus& status, const std::map<std::string, UnitRecord>& records) {
  const std::vector<double> pace = paces(status, records);
  double left = 0;
  for (std::size_t i = 0; i < status.units.size(); ++i)
    if (status.states[i] != State::done) left += status.units[i].unit.cost;
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
  RunStatus status{.units = run.read_units(), .failures = records_in(run.failed())};
  const Seen seen = look_at_units(run.units());
  Journals journals;
  const std::map<std::string, UnitRecord> records = records_in(run.units());
  for (const PlannedUnit& unit : status.units) {
    if (!status.finished.contains(unit.output)) {
      const std::string file = journals.last(unit.output).file;
      status.finished[unit.output] = !file.empty() && file == identity(unit.output);
    }
    // `clean --all` removed it once it was in the output.
    const bool merged = status.finished[unit.output] && records.contains(unit.unit.id);
    status.states.push_back(seen.whole.contains(unit.unit.id) || merged ? State::done
                            : seen.growing.contains(unit.unit.id)       ? State::under_way
                            : status.failures.contains(unit.unit.id)    ? State::failed
                                                                        : State::left);
  }
  estimate(status, records);
  return status;
}

}  // namespace quadrant
