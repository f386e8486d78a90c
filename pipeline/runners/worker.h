// SPDX-License-Identifier: MIT
// `quadrant worker`, the child process of an isolated unit: does what its job orders, reports
// progress, and ends with the job. UnitHost inside it does one unit of an input and knows nothing
// else; `quadrant unit` uses UnitHost without a child process.
#pragma once

#include <memory>
#include <optional>

#include "pipeline/config/job_spec.h"
#include "pipeline/runners/messages.h"
#include "pipeline/runners/thread_runner.h"

namespace quadrant {

class UnitHost {
 public:
  UnitHost(const Catalogue& catalogue, const StopFlag& stop);

  // These throw Error.
  Opened open(const OpenOrder& order);
  Answer run(const UnitOrder& order);  // on order.cores
  Answer stitch(const StitchOrder& order);

  Metrics metrics() const;  // at any time, from any thread

 private:
  const Catalogue& catalogue_;
  const StopFlag& stop_;
  InputMeter meter_;
  ProgressMeter frames_;
  std::atomic<bool> stalled_{false};
  Attempt attempt_;
  std::optional<JobSpec> job_;
  std::optional<Executors> executors_;
  std::optional<ThreadRunner> runner_;
  std::unique_ptr<InputRunner> input_;
};

// `descriptor`: a connected socket; `parent`: the process at its other end. Returns when the parent
// closes it.
void serve_units(int descriptor, int parent, const Catalogue& catalogue);

}  // namespace quadrant
