// SPDX-License-Identifier: MIT
// What a plan does with a picture that is stored turned or mirrored.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipeline/plan/plan.h"

namespace quadrant {

// The stages that show a picture as `orientation` says; none where the catalogue lacks them.
std::vector<StageSpec> turning_stages(const TurningStages& turning, Orientation orientation);

// What becomes of the orientation, for `explain`; empty if there is none.
std::optional<std::string> orientation_note(const Plan& plan);

// The rotate stage replaces the orientation, the mirroring too; empty if nothing is lost.
std::optional<std::string> lost_mirroring(const Plan& plan);

}  // namespace quadrant
