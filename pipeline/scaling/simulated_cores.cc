// SPDX-License-Identifier: MIT
#include "pipeline/scaling/simulated_cores.h"

#include <algorithm>
#include <utility>

namespace quadrant {

SimulatedCores::SimulatedCores(int cores, const Contention& contention)
    : cores_(cores), contention_(contention) {}

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
  return busy / active / contention_.at(busy);
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
