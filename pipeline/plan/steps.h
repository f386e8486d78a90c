// SPDX-License-Identifier: MIT
#pragma once

#include "pipeline/plan/plan.h"

namespace quadrant {

// Resolves the stages for frames of `source`, with the conversions they need, and groups them.
// `matrix`: of YUV that is made of RGB for them (AVColorSpace); 2: the likely one.
// `goes_back`: is a pixel format that filters only happen to give converted back?
std::vector<Step> plan_steps(const std::vector<StageSpec>& stages, const Format& source, int matrix,
                             bool goes_back = false);
// What converts from one picture format to another; by way of RGB where the matrix changes, which
// libswscale does not do by strips.
std::vector<Step> conversion_steps(const Format& from, const Format& to);

}  // namespace quadrant
