// SPDX-License-Identifier: MIT
#include "pipeline/scaling/simulated_cores.h"

#include <algorithm>
#include <utility>

namespace quadrant {

SimulatedCores::SimulatedCores(int cores, double together, int together_cores)
    : cores_(cores), together_(together), together_cores_(together_cores) {}

void SimulatedCores::add(Queue& queue, Due due) {
  queue.push_back(std::move(due));
  std::ranges::push_heap(queue, std::greater());
}

SimulatedCores::Event SimulatedCores::take(Queue& queue) {
  std::ranges::pop_heap(queue, std::greater());
  Event then = std::move(queue.back().then);
  queue.pop_back();
  return then;
}

void SimulatedCores::compute(double seconds, Event then) {
  add(computing_, {done_ + seconds, order_++, std::move(then)});
}

void SimulatedCores::wait(double seconds, Event then) {
  add(waiting_, {now_ + seconds, order_++, std::move(then)});
}

double SimulatedCores::rate() const {
  const auto active = static_cast<double>(computing_.size());
  const double busy = std::min(active, cores_);
  const double share = together_cores_ > 1 ? std::min(1.0, (busy - 1) / (together_cores_ - 1)) : 0;
  return busy / active / (1 + (together_ - 1) * share);
}

void SimulatedCores::advance(double seconds) {
  if (!computing_.empty()) {
    cpu_ += seconds * std::min(static_cast<double>(computing_.size()), cores_);
    done_ += seconds * rate();
  }
  now_ += seconds;
}

void SimulatedCores::run() {
  while (!computing_.empty() || !waiting_.empty()) {
    const double work =
        computing_.empty() ? 0 : std::max(0.0, computing_.front().at - done_) / rate();
    const double time = waiting_.empty() ? 0 : std::max(0.0, waiting_.front().at - now_);
    const bool computes = !computing_.empty() && (waiting_.empty() || work <= time);
    advance(computes ? work : time);
    take(computes ? computing_ : waiting_)();
  }
}

}  // namespace quadrant
