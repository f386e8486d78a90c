// SPDX-License-Identifier: MIT
// Chooses the mode of an input, with the reason. The result does not depend on it (law 1), only the
// time.
#pragma once

#include <optional>
#include <string>

#include "pipeline/plan/plan.h"

namespace quadrant {

// `wanted`, or the mode in which `auto` starts before any input is planned: on one core the mode of
// all inputs, on several that of most.
Mode first_mode(Mode wanted, int cores);

// `wanted`, or what `auto` chooses; the plan's steps, segments and resources must be settled.
// Throws Error(usage) if the requested mode cannot run the plan.
ModeChoice choose_mode(Mode wanted, const Plan& plan);

// Where the memory is too little for what makes the mode of `plan` fast: another mode, or nothing.
std::optional<ModeChoice> choice_for_memory(const Plan& plan);

}  // namespace quadrant
