// SPDX-License-Identifier: MIT
#include "pipeline/scaling/simulated_run.h"

namespace quadrant {

SimulatedEncoder::SimulatedEncoder(SimulatedCores& clock, const ModelEncoder& costs, double scale)
    : clock_(clock), costs_(costs) {
  costs_.filling *= scale;
  costs_.cpu *= scale;
  costs_.threads_cpu *= scale;
}

void SimulatedEncoder::push(Event then) {
  const bool fills = pushed_++ < costs_.held;
  start_threads();
  call_when_due(out(), fills ? costs_.filling : costs_.cpu, std::move(then));
}

void SimulatedEncoder::drain(Event then) {
  const auto left = static_cast<double>(pushed_ - out());
  draining_ = true;
  start_threads();
  call_when_due(pushed_, left * costs_.cpu, std::move(then));
}

void SimulatedEncoder::call_when_due(std::int64_t frames, double seconds, Event then) {
  caller_ = Caller{frames, seconds, std::move(then)};
  look();
}

void SimulatedEncoder::look() {
  if (!caller_ || (has_threads() && ended_ < caller_->frames)) return;
  const double seconds = caller_->seconds;
  Event then = std::move(caller_->then);
  caller_.reset();
  clock_.compute(seconds, std::move(then));
}

// A frame is begun once those were taken that the encoder looks ahead at.
void SimulatedEncoder::start_threads() {
  if (!has_threads()) return;
  const std::int64_t ahead = draining_ ? 0 : std::max(0, costs_.held - costs_.threads + 1);
  while (begun_ - ended_ < costs_.threads && begun_ + ahead < pushed_) {
    ++begun_;
    clock_.compute(costs_.threads_cpu, [this] {
      ++ended_;
      look();
      start_threads();
    });
  }
}

}  // namespace quadrant
