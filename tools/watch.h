// SPDX-License-Identifier: MIT
// Samples a run many times a second: progress, frames in progress and cores executing over time,
// threads, memory, and a stop that takes too long. The working threads never print and never wait
// for a terminal.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include "pipeline/job/summary.h"
#include "pipeline/observe/over_time.h"
#include "pipeline/observe/threads.h"
#include "pipeline/observe/time_left.h"

namespace quadrant {

class Watch {
 public:
  // Starts sampling. Calls `leave` if a stop was requested and the run does not obey, after
  // removing its half-written outputs; `leave` writes what it can, and the process ends.
  Watch(Batch& batch, std::unique_ptr<Progress> progress, std::function<void(const Report&)> leave);
  ~Watch();

  // Call at the end of the batch. Returns the report, with everything that was sampled.
  const Report& end();

 private:
  void look();
  void sample();
  void show(bool to_others);  // also into the marks of the outputs
  void count_in_trace();
  OverTime::Counters counters() const;
  Report report();
  void tell_stalled();

  Batch& batch_;
  const std::function<void(const Report&)> leave_;
  std::unique_ptr<Progress> progress_;
  ThreadClocks threads_;
  const OverTime::Counters began_;
  OverTime over_time_;
  TimeLeft time_left_;
  int peak_threads_ = 1;
  bool ended_ = false;
  std::set<const InputState*> told_;  // already reported as stalled
  Report report_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::thread thread_;
};

}  // namespace quadrant
