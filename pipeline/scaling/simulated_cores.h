// SPDX-License-Identifier: MIT
// Cores and a clock for a discrete-event simulation. Whatever computes at the same time shares the
// cores evenly, as the kernel's scheduler does it (processor sharing); whatever waits holds none.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace quadrant {

class SimulatedCores {
 public:
  using Event = std::function<void()>;

  // `together`: how many times as long the same work takes while `together_cores` or more are busy;
  // up to there it grows by the same amount a core. What more cores would cost nobody has measured.
  SimulatedCores(int cores, double together, int together_cores);

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
  const double together_, together_cores_;
  double now_ = 0, cpu_ = 0;
  double done_ = 0;  // work that one who computed from the beginning would have done
  std::int64_t order_ = 0;
  Queue computing_;  // by the value of done_ at which each ends
  Queue waiting_;    // by the time
};

}  // namespace quadrant
