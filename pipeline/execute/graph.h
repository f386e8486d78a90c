// SPDX-License-Identifier: MIT
// Many frames of several inputs in progress: a oneTBB flow graph for each input, all in one arena.
#pragma once

#include "pipeline/execute/executor.h"

namespace quadrant {

// Keeps up to `inputs_at_once` inputs open, as far as the thread budget allows.
std::unique_ptr<Executor> graph_executor(const Runtime& runtime, int inputs_at_once);

}  // namespace quadrant
