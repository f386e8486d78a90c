// SPDX-License-Identifier: MIT
// Spreads the slices of one frame over the cores, one task per slice: slices are few and large, so
// none is split further.
#pragma once

#include <oneapi/tbb/parallel_for.h>

#include <functional>

namespace quadrant {

// Calls body(0) … body(count - 1) and waits for all. `within` runs its argument in the arena that
// does the work.
template <class Within>
void parallel_for(int count, const std::function<void(int)>& body, Within within) {
  within([&] {
    tbb::parallel_for(
        0, count, [&](int i) { body(i); }, tbb::simple_partitioner());
  });
}

}  // namespace quadrant
