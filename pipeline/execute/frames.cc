// SPDX-License-Identifier: MIT
// Concurrent and parallel: many frames in progress on all cores.
#include "pipeline/execute/graph.h"

namespace quadrant {

std::unique_ptr<Executor> frames_executor(const Runtime& runtime) {
  return graph_executor(runtime, Mode::frames);
}

}  // namespace quadrant
