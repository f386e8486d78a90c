// SPDX-License-Identifier: MIT
// SIGINT, SIGTERM and SIGHUP raise a flag; whoever works looks at it and ends in order.
#pragma once

#include "pipeline/media/stop.h"

namespace quadrant {

void listen_for_stop(StopFlag& stop);  // once a process; `stop` must outlive it
bool stop_asked();
int stopped_code();  // the exit code that tells which signal it was

}  // namespace quadrant
