// SPDX-License-Identifier: MIT
#include "pipeline/execute/executor.h"

namespace quadrant {

std::unique_ptr<Executor> make_executor(Mode mode, const Runtime& runtime) {
  switch (mode) {
    case Mode::sequential: return sequential_executor(runtime);
    case Mode::tiles: return tiles_executor(runtime);
    case Mode::concurrent: return concurrent_executor(runtime);
    case Mode::frames: return frames_executor(runtime);
    case Mode::segments: return segments_executor(runtime);
    case Mode::automatic: break;
  }
  fail(Fault::internal, "no executor for mode {}", name_of(mode));
}

}  // namespace quadrant
