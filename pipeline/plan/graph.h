// SPDX-License-Identifier: MIT
// The plan as plain values that a report holds and a page draws.
#pragma once

#include "pipeline/observe/plan_graph.h"

namespace quadrant {

struct Plan;

PlanGraph graph_of(const Plan& plan);

}  // namespace quadrant
