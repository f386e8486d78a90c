// SPDX-License-Identifier: MIT
// One frame at a time, from the packet to the file, in the calling thread. `sequential` and `tiles`
// are this, without and with cores to spread a frame's strips over.
#pragma once

#include "pipeline/execute/executor.h"

namespace quadrant {

// Asked before each packet; false: the session ends there, as if the input did.
using GoesOn = std::function<bool()>;
// Runs one session, which is open, to its end.
void run_one_frame_at_a_time(std::unique_ptr<Session> session, const Spread& spread,
                             const Runtime& runtime, const GoesOn& goes_on);
// The unit's session, open; null if there is nothing to do. Throws Error.
std::unique_ptr<Session> open_session(Unit& unit, const Runtime& runtime);
// Runs all of `units`, one after another.
void run_one_frame_at_a_time(Units& units, const Spread& spread, const Runtime& runtime);

}  // namespace quadrant
