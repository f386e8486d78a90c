// SPDX-License-Identifier: MIT
#include "pipeline/observe/plan_graph.h"

#include <algorithm>

namespace quadrant {

void add_plan(std::vector<PlannedAlike>& all, const std::string& input, const PlanGraph& plan) {
  auto same = std::ranges::find_if(all, [&](const PlannedAlike& other) {
    return other.plan.nodes == plan.nodes && other.plan.passthrough == plan.passthrough;
  });
  if (same == all.end()) same = all.insert(all.end(), {plan, {}});
  same->inputs.push_back(input);
}

}  // namespace quadrant
