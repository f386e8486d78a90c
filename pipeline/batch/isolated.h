// SPDX-License-Identifier: MIT
// run.isolate: process. In place of an executor: as many units at once as there are cores, each in
// a process of its own, which runs it in its input's mode on its share of them.
#pragma once

#include "pipeline/batch/units.h"

namespace quadrant {

void run_isolated(const std::vector<InputWork*>& works, BatchContext& context);

}  // namespace quadrant
