// SPDX-License-Identifier: MIT
// Many frames of several inputs in progress: a oneTBB flow graph for each input, all in one arena.
#pragma once

#include "pipeline/execute/executor.h"

namespace quadrant {

// `mode`: concurrent or frames. As many inputs are open as bounds.h says, and as the threads of
// their encoders allow.
std::unique_ptr<Executor> graph_executor(const Runtime& runtime, Mode mode);

}  // namespace quadrant
