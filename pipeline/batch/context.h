// SPDX-License-Identifier: MIT
// What all inputs of a batch share, settled before the first is opened.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/batch/forecast.h"
#include "pipeline/batch/journal.h"
#include "pipeline/batch/run_note.h"
#include "pipeline/batch/watchdog.h"
#include "pipeline/observe/in_progress.h"
#include "pipeline/observe/meter.h"
#include "pipeline/plan/plan.h"

namespace quadrant {

using FileId = std::pair<std::uint64_t, std::uint64_t>;  // device and inode
// By symlink, hard link, bind mount or another spelling: the same file. Nothing if it is not there.
std::optional<FileId> file_id(const std::string& path);

struct InputShare;
class Observer;

struct BatchOptions {
  std::vector<std::string> inputs;                        // expanded
  std::vector<std::shared_ptr<const InputShare>> shares;  // by input, of a planned run; else none
  std::vector<Observer*> observers;                       // by input, or none; not if isolated
  Mode mode = Mode::automatic;
  int cores = 0;                      // 0: available_cores()
  std::int64_t memory = 0;            // 0: default_memory()
  int in_flight = 0;                  // as in Resources
  int retries = 0, max_failures = 0;  // as in RunSpec
  double timeout = 0;                 // seconds
  bool isolate = false;
  // The process runs on no more CPUs than cores. Not for who runs several batches: the scheduler's
  // threads outlive a batch, and stay on the CPUs of the one that they were made in.
  bool keeps_to_cores = true;
  std::string program = "/proc/self/exe";  // that answers to serve-unit
  struct UnitName {
    std::string input, output, mode;  // mode: empty if it is not known yet
    std::string part;  // empty (opening it, or all of it), "rest", or a segment's number from 1
  };
  // The command line that does one unit of an input alone; null: nobody can tell.
  std::function<std::string(const UnitName&)> reproduce;
  bool overwrite = false, strict = false, keep_hashes = false;
};

struct BatchContext {
  const JobSpec& job;
  const BatchOptions options;
  const StopFlag& stop;
  ProgressMeter& frames;
  const std::string canonical_job;
  Resources resources;
  std::map<FileId, std::string> input_files;
  Journals journals;
  std::atomic<int> failures{0};
  std::atomic<bool> give_up{false};  // as many as max_failures
  std::optional<Watchdog> watchdog;  // where there is a timeout
  std::optional<Forecast> forecast;  // where `auto` is to pick the mode
  ToldNote note;                     // of whoever watches the run
  // Of the living processes of units, as they last told.
  std::atomic<int> unit_threads{0};
  std::atomic<std::int64_t> unit_cpu_ns{0}, unit_rss_bytes{0};

  bool ends() const { return give_up || stop.raised(); }
};

}  // namespace quadrant
