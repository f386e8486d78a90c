// SPDX-License-Identifier: MIT
// The plan as plain values, for the report and the page that draws it.
#pragma once

#include "pipeline/observe/plan_graph.h"

namespace quadrant {

struct Plan;

PlanGraph graph_of(const Plan& plan);
std::vector<LedgerLine> ledger_of(const Plan& plan);

}  // namespace quadrant
