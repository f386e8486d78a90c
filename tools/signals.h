// SPDX-License-Identifier: MIT
// Signals that ask a command to stop: it ends its current work cleanly, and the same command
// resumes later. A batch system may send SIGUSR1 before it takes the machine away; the exit code is
// then that of a temporary failure.
#pragma once

#include <functional>

#include "pipeline/media/stop.h"

namespace quadrant {

// SIGINT, SIGTERM, SIGHUP and SIGUSR1 raise `stop`, which must live as long as the process.
void listen(StopFlag& stop);
bool stop_asked();
int stopped_code();  // the exit code of a command that was asked to stop
// Returns the command's result, or stopped_code() if it throws Error(stopped) after a signal.
int unless_stopped(const std::function<int()>& command);

}  // namespace quadrant
