// SPDX-License-Identifier: MIT
// The list of stages, for code that needs to know no more about stages.
#pragma once

#include <string_view>
#include <vector>

namespace quadrant {

class Stage;
struct StageInfo;

using Catalogue = std::vector<StageInfo>;
const StageInfo* find_stage(const Catalogue& catalogue, std::string_view name);

}  // namespace quadrant
