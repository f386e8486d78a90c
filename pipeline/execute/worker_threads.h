// SPDX-License-Identifier: MIT
// oneTBB begins an arena's threads when there is work for them. Where one cannot begin (no memory
// for its stack, a limit on threads), it throws, never tries again (2021.8), and a caller that
// waits for a worker waits forever. So they begin before there is any work.
#pragma once

#include <oneapi/tbb/task_arena.h>

namespace quadrant {

// Begins the workers of an arena without reserved slots. Returns how many there are; 0: none can
// begin, and the arena must not be used.
int begin_workers(tbb::task_arena& arena);

}  // namespace quadrant
