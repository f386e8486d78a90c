// SPDX-License-Identifier: MIT
// One input of a batch and what became of it.
#pragma once

#include <atomic>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/config/job_spec.h"
#include "pipeline/error.h"
#include "pipeline/media/frame_hash.h"
#include "pipeline/observe/meter.h"
#include "pipeline/plan/graph.h"

namespace quadrant {

class Observer;

enum class Status { waiting, running, done, up_to_date, failed, stopped };
std::string_view name_of(Status status);

// Written by the executor's threads while it runs; the atomics may be read by anyone, the rest once
// `status` is final.
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
  PlanGraph plan;  // empty: it was not planned
  std::vector<std::string> losses, notes, damage;
  std::vector<std::string> redone;   // parts an earlier run had done, and why they are done again
  std::vector<std::string> retried;  // what failed and was tried again
  std::atomic<bool> holds_output{false};       // its output grows, by this run alone
  std::atomic<bool> overdue{false};            // a part stands still and was asked to end
  std::string hashes;                          // one line a frame, if wanted
  std::map<std::string, std::string> lacking;  // of a merge: units by id, and what is wrong
};

}  // namespace quadrant
