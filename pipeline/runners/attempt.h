// SPDX-License-Identifier: MIT
// One attempt at a task of an input: opening it, or doing a unit. It can be stopped on its own, its
// progress can be observed, and what it counted can be taken back.
#pragma once

#include <atomic>
#include <cstdint>

#include "pipeline/media/stop.h"
#include "pipeline/observe/meter.h"

namespace quadrant {

struct Attempt {
  // All arguments must outlive it. `input_stalled` is set and cleared with this attempt's own flag,
  // for those that watch the input.
  Attempt(const StopFlag& job, InputMeter& input, std::atomic<bool>& input_stalled)
      : stop(&job), meter(&input), input_stalled_(input_stalled) {}
  ~Attempt() { input_stalled_ = false; }
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  // Asks the attempt to stop: it made no progress for too long.
  void end() {
    stalled = input_stalled_ = true;
    stop.raise();
  }

  // Grows while anything is read, decoded, encoded or read back.
  std::int64_t progress() const {
    return stop.moves() + meter.packets_in + meter.frames_out + meter.packets_out;
  }

  StopFlag stop;
  InputMeter meter;
  std::atomic<bool> stalled{false};

 private:
  std::atomic<bool>& input_stalled_;
};

}  // namespace quadrant
