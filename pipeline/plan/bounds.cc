// SPDX-License-Identifier: MIT
#include "pipeline/plan/bounds.h"

#include <algorithm>
#include <thread>

namespace quadrant {

int frames_in_progress(Mode mode, int cores, bool waits) {
  if (mode == Mode::sequential || mode == Mode::tiles) return 1;
  return 2 * cores + 4 + (waits ? 64 : 0);
}

constexpr int waiting_inputs = 8;  // on one core

int computing_threads(int cores) {
  constexpr int always = 16;  // so that a small machine can show what a larger one does
  const int machine = static_cast<int>(std::thread::hardware_concurrency());
  return std::min(cores, std::max(always, 2 * machine));
}

int units_at_once(Mode mode, int cores) {
  if (mode == Mode::concurrent) return waiting_inputs;
  if (mode == Mode::frames) return cores + 1;
  return mode == Mode::segments ? cores : 1;
}

int processes_at_once(Mode mode, int cores) {
  return mode == Mode::concurrent ? waiting_inputs : cores;
}

bool is_graph(Mode mode) { return mode == Mode::concurrent || mode == Mode::frames; }

bool can_help(int idle, int workers) { return 2 * idle >= workers; }

int encoder_thread_limit(int cores, int units_at_once) {
  constexpr int main_progress_and_waiting = 4;
  return std::max(1, 3 * cores + 16 - (cores + units_at_once + main_progress_and_waiting));
}

int encoder_threads(int threads) {
  // libx264, the common case, adds one thread for its lookahead; with one thread it adds none.
  return threads > 1 ? threads + 1 : 0;
}

}  // namespace quadrant
