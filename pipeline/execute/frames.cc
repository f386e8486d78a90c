// SPDX-License-Identifier: MIT
// Concurrent and parallel: many frames in progress on all cores. One input more than cores is open,
// so that the end of a short clip, where only the encoder has work left, idles no core.
#include "pipeline/execute/graph.h"

namespace quadrant {

std::unique_ptr<Executor> frames_executor(const Runtime& runtime) {
  return graph_executor(runtime, runtime.cores + 1);
}

std::unique_ptr<Executor> make_executor(Mode mode, const Runtime& runtime) {
  switch (mode) {
    case Mode::sequential: return sequential_executor(runtime);
    case Mode::tiles: return tiles_executor(runtime);
    case Mode::concurrent: return concurrent_executor(runtime);
    case Mode::frames: return frames_executor(runtime);
    case Mode::segments:
    case Mode::automatic: break;
  }
  fail(Fault::internal, "no executor for mode {}", name_of(mode));
}

}  // namespace quadrant
