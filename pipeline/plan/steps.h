// SPDX-License-Identifier: MIT
#pragma once

#include "pipeline/plan/plan.h"

namespace quadrant {

// Resolves the stages for frames of `source`, with the conversions they need, and groups them.
std::vector<Step> plan_steps(const std::vector<StageSpec>& stages, const Format& source);
// A step that converts from one picture format to another.
Step conversion_step(const Format& from, const Format& to);

}  // namespace quadrant
