// SPDX-License-Identifier: MIT
// One try at a unit: opening an input, or doing a part of it. It can be ended by itself, what it
// counted can be taken back, and whether it gets on can be seen.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "pipeline/batch/input_state.h"
#include "pipeline/media/stop.h"

namespace quadrant {

struct Attempt {
  // Both must live longer.
  Attempt(const StopFlag& batch, InputState& of) : input(of), stop(&batch), meter(&of.meter) {}
  ~Attempt() { input.overdue = false; }
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  // It stood still for too long.
  void end() {
    overdue = input.overdue = true;
    stop.raise();
  }

  // Grows while anything is read, decoded, encoded or read again.
  std::int64_t progress() const { return stop.moves() + meter.packets_in + meter.frames_out; }

  InputState& input;
  StopFlag stop;
  InputMeter meter;
  std::atomic<bool> overdue{false};  // ended because it made no progress
};

// For how long something has stood still. The time in which the one who looks was itself stopped
// (SIGSTOP, a suspended machine) or starved of its core is no standstill of the other, so what lies
// between two looks counts only as far as it was meant to.
class Patience {
 public:
  // Seconds without progress; `progress` is any number that changes with it. To be asked often:
  // between two calls at most `longest_look` counts.
  double stood_still(std::int64_t progress) {
    constexpr double longest_look = 0.5;
    const double now = wall_seconds();
    seconds_ += std::min(now - looked_, longest_look);
    looked_ = now;
    if (progress != progress_) seconds_ = 0;
    progress_ = progress;
    return seconds_;
  }

 private:
  double looked_ = wall_seconds(), seconds_ = 0;
  std::int64_t progress_ = -1;
};

}  // namespace quadrant
