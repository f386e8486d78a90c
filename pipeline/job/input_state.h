// SPDX-License-Identifier: MIT
// One input of a batch with its result, and the list of inputs in progress. A batch may have many
// thousands of inputs, so observers of a run look only at those that changed.
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
#include "pipeline/input_spec.h"
#include "pipeline/observe/meter.h"
#include "pipeline/observe/plan_graph.h"
#include "pipeline/observe/progress.h"

namespace quadrant {

class Observer;

// abandoned: stopped without waiting for the threads that work on it, which may still write.
enum class Status { waiting, running, done, up_to_date, failed, stopped, abandoned };
std::string_view name_of(Status status);
inline bool is_final(Status status) {
  return status != Status::waiting && status != Status::running;
}
inline bool is_settled(Status status) { return is_final(status) && status != Status::abandoned; }

// Written by the threads that work on the input. Anyone may read the names and the atomics; the
// rest only once `status` is settled.
struct InputState {
  InputState(InputSpec in, std::string out)
      : input(std::move(in.name)), taken(std::move(in.taken)), output(std::move(out)) {}

  std::string input;
  Selection taken;  // of it
  std::string output;
  Observer* observer = nullptr;  // sees its frames
  InputMeter meter;
  std::atomic<Status> status{Status::waiting};
  std::atomic<std::int64_t> expected_frames{0};  // 0: unknown
  std::atomic<double> began{0}, ended{0};        // wall_seconds()
  std::atomic<int> segments{1}, segments_kept{0};
  std::optional<Mode> mode;  // the mode it ran in; none if nothing was left to do
  std::string mode_reason;
  std::string error;
  Fault fault = Fault::input;
  std::shared_ptr<const PlanGraph> plan;  // null: it was not planned
  std::vector<std::string> losses, notes, damage;
  std::vector<std::string>
      reprocessed;                   // units an earlier job had done, and why they were done again
  std::vector<std::string> retried;  // failures that were retried
  std::atomic<bool> holds_output{false};  // this job alone writes the output
  std::atomic<bool> stalled{false};       // a unit makes no progress and was asked to stop
  std::int64_t recorded_frames = 0;  // of an output that is up to date: by the run that made it
  double recorded_seconds = 0;
  std::string hashes;                          // one line per frame, if requested
  std::map<std::string, std::string> lacking;  // in a merge: unit ids and what is wrong

  InputSpec spec() const { return {input, taken}; }
  // False, and nothing changes, once the status is final.
  bool becomes(Status next) {
    Status now = status;
    while (!is_final(now))
      if (status.compare_exchange_weak(now, next)) return true;
    return false;
  }
};

// Thread-safe.
class Roster {
 public:
  void begins(const InputState& input);
  void waits(const InputState& input);  // between opening and its mode's turn
  void ends(const InputState& input);   // its status is final

  std::vector<const InputState*> under_way() const;
  // The inputs that ended since the last call, in order of ending.
  std::vector<const InputState*> take_ended();
  EndedTotals ended() const;

 private:
  mutable std::mutex mutex_;
  std::set<const InputState*> under_way_;
  std::vector<const InputState*> ended_;
  EndedTotals totals_;
};

}  // namespace quadrant
