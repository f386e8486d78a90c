// SPDX-License-Identifier: MIT
// One input of a batch and what became of it, and who of all is under way. A batch may have many
// thousand inputs, so whoever looks at it while it runs looks at those only that changed.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/config/mode.h"
#include "pipeline/error.h"
#include "pipeline/observe/meter.h"
#include "pipeline/observe/plan_graph.h"
#include "pipeline/observe/progress.h"

namespace quadrant {

class Observer;

enum class Status { waiting, running, done, up_to_date, failed, stopped };
std::string_view name_of(Status status);
inline bool is_final(Status status) {
  return status != Status::waiting && status != Status::running;
}

// Written by the threads that work on it; the atomics may be read by anyone, the rest once `status`
// is final.
struct InputState {
  InputState(std::string in, std::string out) : input(std::move(in)), output(std::move(out)) {}

  std::string input, output;
  Observer* observer = nullptr;  // looks at its frames
  InputMeter meter;
  std::atomic<Status> status{Status::waiting};
  std::atomic<std::int64_t> expected_frames{0};  // 0: unknown
  std::atomic<double> began{0}, ended{0};        // wall_seconds()
  std::atomic<int> segments{1}, segments_kept{0};
  std::optional<Mode> mode;  // that ran it, and why; none if nothing was left to do
  std::string mode_reason;
  std::string error;
  Fault fault = Fault::input;
  std::shared_ptr<const PlanGraph> plan;  // null: it was not planned
  std::vector<std::string> losses, notes, damage;
  std::vector<std::string>
      reprocessed;                   // units an earlier job had done, and why they are done again
  std::vector<std::string> retried;  // what failed and was tried again
  std::atomic<bool> holds_output{false};       // its output grows, by this job alone
  std::atomic<bool> stalled{false};            // a unit makes no progress and was asked to end
  std::string hashes;                          // one line a frame, if wanted
  std::map<std::string, std::string> lacking;  // of a merge: units by id, and what is wrong
};

// Thread-safe.
class Roster {
 public:
  void begins(const InputState& input);
  void waits(const InputState& input);  // in the middle, for its mode
  void ends(const InputState& input);   // its status is final

  std::vector<const InputState*> under_way() const;
  // Those that ended since the last call, in that order, and sums over all that ever did.
  std::vector<const InputState*> take_ended();
  EndedTotals ended() const;

 private:
  mutable std::mutex mutex_;
  std::set<const InputState*> under_way_;
  std::vector<const InputState*> ended_;
  EndedTotals totals_;
};

}  // namespace quadrant
