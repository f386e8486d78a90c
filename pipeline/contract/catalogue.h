// SPDX-License-Identifier: MIT
// Which stages there are, for who needs to know no more of a stage than that.
#pragma once

#include <string_view>
#include <vector>

namespace quadrant {

class Stage;
struct StageInfo;

using Catalogue = std::vector<StageInfo>;
const StageInfo* find_stage(const Catalogue& catalogue, std::string_view name);

}  // namespace quadrant
