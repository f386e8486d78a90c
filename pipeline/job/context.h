// SPDX-License-Identifier: MIT
// What all inputs of a batch share, settled before the first one is opened.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "pipeline/calibration/forecast.h"
#include "pipeline/job/input_state.h"
#include "pipeline/job/run_note.h"
#include "pipeline/observe/in_progress.h"
#include "pipeline/plan/plan.h"
#include "pipeline/runners/process_runner.h"
#include "pipeline/runners/stall_detector.h"
#include "pipeline/store/journal.h"
#include "pipeline/store/paths.h"

namespace quadrant {

struct InputShare;
class Observer;
class UnitQueue;

struct BatchOptions {
  std::vector<InputSpec> inputs;                          // expanded
  std::vector<std::string> own_outputs;                   // that matched, too, and are no inputs
  std::vector<std::shared_ptr<const InputShare>> shares;  // by input, if planned; else none
  std::vector<Observer*> observers;                       // by input, or none; not in isolated runs
  Mode mode = Mode::automatic;
  int cores = 0;                      // 0: available_cores()
  std::int64_t memory = 0;            // 0: default_memory()
  int in_flight = 0;                  // as in Resources
  int retries = 0, max_failures = 0;  // as in RunSpec
  double timeout = 0;                 // seconds
  bool isolate = false;
  // The process executes on at most `cores` CPUs at once. Not for callers that run several batches:
  // oneTBB's threads outlive a batch and stay on the CPUs of the batch that made them.
  bool keeps_to_cores = true;
  std::string program = "/proc/self/exe";  // the executable with the subcommand `worker`
  struct UnitName {
    InputSpec input;
    std::string output, mode;  // mode: empty if not known yet
    std::string unit;  // empty (opening, or the whole input), "rest", or a segment's number from 1
  };
  // The command line that does one unit of an input alone; null: none is known.
  std::function<std::string(const UnitName&)> reproduce;
  bool overwrite = false, strict = false, keep_hashes = false;
  bool remembers = true;  // the outputs, in the journals beside them
};

struct FileIdHash {
  std::size_t operator()(const FileId& id) const {
    return std::hash<std::uint64_t>()(id.first * 0x9e3779b97f4a7c15ULL ^ id.second);
  }
};

struct BatchContext {
  const JobSpec& job;
  const BatchOptions options;
  const StopFlag& stop;
  ProgressMeter& frames;
  const std::string job_name;  // of the configuration's file, absolute
  const std::string canonical_job;
  Resources resources;
  std::unordered_map<FileId, std::size_t, FileIdHash> input_files;  // the input with this file
  Journals journals;
  Roster roster;
  std::optional<StallDetector> stalls;  // only with a timeout
  std::optional<Forecast> forecast;     // only where `auto` chooses the mode
  ToldNote note;                        // the run's progress, as last set
  ProcessTotals processes;
  std::mutex plan_mutex;
  std::shared_ptr<const PlanGraph> last_plan;  // inputs with equal plan graphs share one

  // `auto` may measure in a run, but not for a plan that is only printed or written down.
  bool may_measure_mode(const Plan& plan) const {
    return forecast && can_be_read_again(plan.input.name) && Forecast::is_worth_it(plan);
  }

  std::shared_ptr<const PlanGraph> shared_plan(const PlanGraph& plan) {
    const std::lock_guard lock(plan_mutex);
    if (!last_plan || *last_plan != plan) last_plan = std::make_shared<const PlanGraph>(plan);
    return last_plan;
  }
};

}  // namespace quadrant
