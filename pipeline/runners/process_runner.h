// SPDX-License-Identifier: MIT
// Does each unit in a child process (run.isolate: process). Whatever happens there, a crash of a
// codec or a plug-in, a hang, the kernel's out-of-memory killer, happens to that unit alone.
//
// The process is this same program (`quadrant worker`). It is killed with the object that stands
// for it, and by the kernel when the thread that made it dies, so that thread must live until the
// job's units are done. To stop it is to kill it: what it had not finished has no name yet.
#pragma once

#include <atomic>

#include "pipeline/observe/in_progress.h"
#include "pipeline/runners/runner.h"

namespace quadrant {

// Of the living processes of units, as they last told.
struct ProcessTotals {
  std::atomic<int> threads{0};
  std::atomic<std::int64_t> cpu_ns{0}, rss_bytes{0};
};

struct ProcessSetup {
  std::string program;  // that answers to `worker`
  double timeout = 0;   // seconds without progress until a process is ended; 0: never
  const StopFlag& stop;
  ProgressMeter& frames;
  ProcessTotals& totals;
};

class ProcessRunner final : public Runner {
 public:
  explicit ProcessRunner(ProcessSetup setup) : setup_(std::move(setup)) {}
  std::unique_ptr<InputRunner> input(OpenOrder order, Observer* observer) override;

 private:
  ProcessSetup setup_;
};

}  // namespace quadrant
