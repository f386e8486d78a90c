// SPDX-License-Identifier: MIT
// Concurrent, not parallel: the graph of `frames` on one core. Whoever waits for storage or for a
// remote call holds no core, so eight slow inputs take about the time of the slowest.
#include "pipeline/execute/graph.h"

namespace quadrant {

std::unique_ptr<Executor> concurrent_executor(const Runtime& runtime) {
  return graph_executor({runtime.meter, runtime.stop, 1, runtime.memory}, Mode::concurrent);
}

}  // namespace quadrant
