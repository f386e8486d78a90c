// SPDX-License-Identifier: MIT
// Concurrent and parallel: many frames in progress on all cores. One input more than cores is open,
// so that the end of a short clip, where only the encoder has work left, idles no core.
#include "pipeline/execute/graph.h"

namespace quadrant {

std::unique_ptr<Executor> frames_executor(const Runtime& runtime) {
  return graph_executor(runtime, runtime.cores + 1);
}

}  // namespace quadrant
