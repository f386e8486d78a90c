// SPDX-License-Identifier: MIT
// Slices of one frame over the cores, each a task of its own: they are few and large, so none is
// split further.
#pragma once

#include <oneapi/tbb/parallel_for.h>

#include <functional>

namespace quadrant {

// Calls body(0) … body(count - 1) and waits for all. `within` runs what it is given, in the arena
// that is to do the work.
template <class Within>
void parallel_for(int count, const std::function<void(int)>& body, Within within) {
  within([&] {
    tbb::parallel_for(
        0, count, [&](int i) { body(i); }, tbb::simple_partitioner());
  });
}

}  // namespace quadrant
