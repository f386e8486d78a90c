// SPDX-License-Identifier: MIT
// Cores and a clock for a discrete-event simulation. Whatever computes at the same time shares the
// cores evenly, as the kernel's scheduler does it (processor sharing); whatever waits holds none.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "pipeline/scaling/workload.h"

namespace quadrant {

class SimulatedCores {
 public:
  using Event = std::function<void()>;

  SimulatedCores(int cores, const Contention& contention);

  // Calls `then` once the work is done, or the time is over; in the order in which they end.
  void compute(double seconds, Event then);
  void wait(double seconds, Event then);
  // Until nothing is left to happen.
  void run();

  double now() const { return now_; }
  double cpu_seconds() const { return cpu_; }  // of all cores so far

 private:
  struct Due {
    double at;
    std::int64_t order;
    Event then;
    bool operator>(const Due& other) const {
      return at != other.at ? at > other.at : order > other.order;
    }
  };
  using Queue = std::vector<Due>;  // a heap, the next to end in front

  double rate() const;  // work a second for each that computes
  void advance(double seconds);
  static void add(Queue& queue, Due due);
  static Event take(Queue& queue);

  const double cores_;
  const Contention contention_;
  double now_ = 0, cpu_ = 0;
  double done_ = 0;  // work that one who computed from the beginning would have done
  std::int64_t order_ = 0;
  Queue computing_;  // by the value of done_ at which each ends
  Queue waiting_;    // by the time
};

}  // namespace quadrant
