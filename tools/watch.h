// SPDX-License-Identifier: MIT
// Looks at a run from outside, many times a second: progress, what is in progress and executing
// over time, threads, memory, and a stop that takes too long. The threads that work never print and
// never wait for a terminal.
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
  // Begins to look. `leave`: a stop was asked for and the run does not listen; its half-written
  // outputs are gone. It writes what it may, and ends the process.
  Watch(Batch& batch, std::unique_ptr<Progress> progress, std::function<void(const Report&)> leave);
  ~Watch();

  // Once the batch is at its end. What it did, with all that was seen.
  const Report& end();

 private:
  void look();
  void sample();
  void show(bool to_others);  // in the marks of its outputs, too
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
  std::set<const InputState*> told_;  // to be stalled
  Report report_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::thread thread_;
};

}  // namespace quadrant
