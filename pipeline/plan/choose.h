// SPDX-License-Identifier: MIT
// Which mode runs an input, and why. Nothing that is computed depends on it (law 1): only how long
// it takes.
#pragma once

#include <string>

#include "pipeline/plan/plan.h"

namespace quadrant {

// `wanted`, or the mode in which `auto` begins before any input is planned: on one core it is that
// of all, on several that of most.
Mode first_mode(Mode wanted, int cores);

// `wanted`, or what `auto` picks: the plan's steps, segments and resources are settled. Throws
// Error(usage) where the mode that was asked for cannot run the plan.
ModeChoice choose_mode(Mode wanted, const Plan& plan);

}  // namespace quadrant
