// SPDX-License-Identifier: MIT
// One attempt at a piece of an input's work: opening it, or doing a unit. It can be ended by
// itself, what it counted can be taken back, and whether it gets on can be seen.
#pragma once

#include <atomic>
#include <cstdint>

#include "pipeline/media/stop.h"
#include "pipeline/observe/meter.h"

namespace quadrant {

struct Attempt {
  // All must live longer. `input_stalled` is raised and lowered with this attempt's own flag, for
  // whoever watches the input.
  Attempt(const StopFlag& job, InputMeter& input, std::atomic<bool>& input_stalled)
      : stop(&job), meter(&input), input_stalled_(input_stalled) {}
  ~Attempt() { input_stalled_ = false; }
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  // It made no progress for too long.
  void end() {
    stalled = input_stalled_ = true;
    stop.raise();
  }

  // Grows while anything is read, decoded, encoded or read again.
  std::int64_t progress() const { return stop.moves() + meter.packets_in + meter.frames_out; }

  StopFlag stop;
  InputMeter meter;
  std::atomic<bool> stalled{false};

 private:
  std::atomic<bool>& input_stalled_;
};

}  // namespace quadrant
