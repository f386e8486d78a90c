// SPDX-License-Identifier: MIT
#pragma once

#include "pipeline/plan/plan.h"

namespace quadrant {

// Resolves the stages for frames of `source`, with the conversions they need, and groups them.
// `matrix`: of YUV that is made of RGB for them (AVColorSpace); 2: the likely one.
std::vector<Step> plan_steps(const std::vector<StageSpec>& stages, const Format& source,
                             int matrix);
// What converts from one picture format to another; by way of RGB where the matrix changes, which
// libswscale does not do by strips.
std::vector<Step> conversion_steps(const Format& from, const Format& to);

}  // namespace quadrant
