// SPDX-License-Identifier: MIT
#include "pipeline/free_memory.h"

#include <malloc.h>

#include <atomic>

#include "pipeline/observe/clocks.h"

namespace quadrant {

void give_back_free_memory() { malloc_trim(0); }

void give_back_free_memory_at_times() {
  constexpr double interval = 0.25;
  static std::atomic<double> last{wall_seconds()};
  double before = last.load(std::memory_order_relaxed);
  const double now = wall_seconds();
  if (now - before < interval || !last.compare_exchange_strong(before, now)) return;
  give_back_free_memory();
}

}  // namespace quadrant
