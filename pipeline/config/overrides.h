// SPDX-License-Identifier: MIT
#pragma once

#include "pipeline/config/job_spec.h"
#include "pipeline/config/read_yaml.h"

namespace quadrant {

// Puts one --set KEY=VALUE into the tree of a configuration, as if it had been written there; the
// check that follows then speaks of the --set. Throws Error(usage) if KEY leads nowhere.
void apply_override(YamlNode& root, const Override& given, const Catalogue& catalogue);

}  // namespace quadrant
