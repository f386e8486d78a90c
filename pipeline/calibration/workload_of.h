// SPDX-License-Identifier: MIT
// From plans and the measured costs of excerpts to the workload that predictions need.
#pragma once

#include <memory>
#include <vector>

#include "pipeline/calibration/excerpt.h"
#include "pipeline/scaling/workload.h"

namespace quadrant {

// The same stages in the same order, conversions included.
bool has_same_steps(const Plan& a, const Plan& b);

// The costs are means over all excerpts, which have the same steps; for a plan with larger or
// smaller pictures they are scaled. Inputs without a plan are left out. Not measured here: `open`
// of an input, and the machine's own figures and memory.
Workload workload_of(const std::vector<std::shared_ptr<const Plan>>& plans,
                     const std::vector<Excerpt>& excerpts, const std::vector<ExcerptCosts>& costs);

// A further input, with pictures of the measured size.
ModelInput input_of(const Plan& plan, const Workload& costs);

}  // namespace quadrant
