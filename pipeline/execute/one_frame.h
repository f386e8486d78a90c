// SPDX-License-Identifier: MIT
// One frame at a time, from the packet to the file, in the calling thread. `sequential` and `tiles`
// are this, without and with cores to spread a frame's strips over.
#pragma once

#include "pipeline/execute/executor.h"

namespace quadrant {

// Runs all of `units`, one after another.
void run_one_frame_at_a_time(Units& units, const Spread& spread, const Runtime& runtime);

}  // namespace quadrant
