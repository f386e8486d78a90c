// SPDX-License-Identifier: MIT
// A job over its inputs: names settled, every input run in one mode, every result told.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/execute/executor.h"

namespace quadrant {

enum class Status { waiting, running, done, up_to_date, failed, stopped };
std::string_view name_of(Status status);

// One input and what became of it. Written by the executor's threads while it runs; the atomics
// may be read by anyone, the rest once `status` is final.
struct InputState {
  InputState(std::string in, std::string out, ProgressMeter& all)
      : input(std::move(in)), output(std::move(out)), meter(all) {}

  std::string input, output;
  InputMeter meter;
  std::atomic<Status> status{Status::waiting};
  std::atomic<std::int64_t> expected_frames{0};  // 0: unknown
  std::atomic<double> began{0}, ended{0};        // wall_seconds()
  std::string error;
  Fault fault = Fault::input;
  std::vector<std::string> losses, notes;
  FrameHashes hashes;
};

using FileId = std::pair<std::uint64_t, std::uint64_t>;  // device and inode

struct BatchOptions {
  std::vector<std::string> inputs;  // expanded
  Mode mode = Mode::automatic;
  int cores = 0;            // 0: available_cores()
  std::int64_t memory = 0;  // 0: default_memory()
  bool overwrite = false, fail_fast = false, strict = false, keep_hashes = false;
};

class Batch {
 public:
  // Settles all names; refuses what can be refused without opening anything: unknown encoders and
  // options, two inputs with one output. Throws Error(usage).
  Batch(const JobSpec& job, const BatchOptions& options, const StopFlag& stop);
  ~Batch();

  void run();
  // Removes what is half-written; for a stop that cannot wait. Async-signal-unsafe, thread-safe.
  void abandon() noexcept;
  // The plans as text, opening every input and touching nothing else.
  std::string explain();

  const std::deque<InputState>& inputs() const { return inputs_; }
  const ProgressMeter& meter() const { return meter_; }
  ModeChoice mode() const { return mode_; }
  int cores() const { return resources_.cores; }

 private:
  class BatchUnit;
  class BatchUnits;

  void refuse_to_overwrite_input(const std::string& file) const;
  // False if the output is up to date. Throws Error if what is there must not be replaced.
  bool is_due(const InputState& state, const OutputRequest& request) const;
  std::string verdict(const InputState& state, const OutputRequest& request) const;  // for explain
  Plan plan_input(InputState& state, const Input& input, const OutputRequest& request) const;

  const JobSpec& job_;
  BatchOptions options_;
  const StopFlag& stop_;
  std::string canonical_job_;
  ModeChoice mode_;
  Resources resources_;
  ProgressMeter meter_;
  std::deque<InputState> inputs_;
  std::vector<OutputRequest> requests_;  // by input
  std::map<FileId, std::string> input_files_;
  std::atomic<bool> give_up_{false};  // --fail-fast, after a failure
};

}  // namespace quadrant
