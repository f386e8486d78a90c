// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "pipeline/config/job_spec.h"
#include "pipeline/config/problems.h"
#include "pipeline/config/read_yaml.h"

namespace quadrant {

// Reads the list under `stages`; invalid entries are added to `problems` and left out.
std::vector<StageSpec> read_stages(const YamlNode& list, const Catalogue& catalogue,
                                   Problems& problems);

}  // namespace quadrant
