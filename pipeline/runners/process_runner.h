// SPDX-License-Identifier: MIT
// Does each unit in a child process (run.isolate: process). A crash of a codec or plug-in, a hang,
// or the kernel's out-of-memory killer then affects that unit alone.
//
// The process runs this same program (`quadrant worker`). It is killed when its UnitProcess is
// destroyed, and by the kernel when the thread that started it dies, so that thread must live until
// the job's units are done. Killing is the only way to stop it: whatever it had not finished has no
// name yet.
#pragma once

#include <atomic>

#include "pipeline/observe/in_progress.h"
#include "pipeline/runners/runner.h"

namespace quadrant {

// Sums over the living processes of units, as of their last messages.
struct ProcessTotals {
  std::atomic<int> threads{0};
  std::atomic<std::int64_t> cpu_ns{0}, rss_bytes{0};
};

struct ProcessSetup {
  std::string program;  // the executable with the subcommand `worker`
  double timeout = 0;   // seconds without progress until a process is killed; 0: never
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
