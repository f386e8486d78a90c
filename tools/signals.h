// SPDX-License-Identifier: MIT
// Signals that ask a command to stop: it ends what is in work cleanly, and the same command goes on
// later. SIGUSR1 is what a batch system may send before it takes the machine away; the code is then
// that of a fault that passes.
#pragma once

#include <functional>

#include "pipeline/media/stop.h"

namespace quadrant {

// SIGINT, SIGTERM, SIGHUP and SIGUSR1 raise `stop`, which must live as long as the process.
void listen(StopFlag& stop);
bool stop_asked();
int stopped_code();  // the exit code of a command that was asked to stop
// What the command returns; stopped_code() where it throws Error(stopped) since it was asked to.
int unless_stopped(const std::function<int()>& command);

}  // namespace quadrant
