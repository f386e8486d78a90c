// SPDX-License-Identifier: MIT
// From plans and what excerpts of them cost to what predictions want to know.
#pragma once

#include <memory>
#include <vector>

#include "pipeline/calibration/excerpt.h"
#include "pipeline/scaling/workload.h"

namespace quadrant {

// The same stages in the same order, conversions included.
bool has_same_steps(const Plan& a, const Plan& b);

// The costs are means over all excerpts, which have the same steps; a plan of larger or smaller
// pictures costs in proportion. Inputs without a plan are left out. What is not measured: `open` of
// an input, the machine's own figures and memory.
Workload workload_of(const std::vector<std::shared_ptr<const Plan>>& plans,
                     const std::vector<Excerpt>& excerpts, const std::vector<ExcerptCosts>& costs);

// A further input, of pictures as large as those that were measured.
ModelInput input_of(const Plan& plan, const Workload& costs);

}  // namespace quadrant
