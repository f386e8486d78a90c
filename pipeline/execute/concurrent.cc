// SPDX-License-Identifier: MIT
// Concurrent, not parallel: the graphs of `frames` on one core. Waiting for storage or a remote
// call holds no core, so eight slow inputs take about as long as the slowest.
#include "pipeline/execute/executor.h"

namespace quadrant {

std::unique_ptr<Executor> concurrent_executor(const Runtime& runtime) {
  Runtime one_core = runtime;
  one_core.cores = 1;
  return frames_executor(one_core);
}

}  // namespace quadrant
