// SPDX-License-Identifier: MIT
#pragma once

#include "pipeline/config/job_spec.h"
#include "pipeline/config/read_yaml.h"

namespace quadrant {

// Applies one --set KEY=VALUE to the tree of a configuration, as if it had been written there;
// later errors then point to the --set. Throws Error(usage) if KEY does not exist.
void apply_override(YamlNode& root, const Override& given, const Catalogue& catalogue);

}  // namespace quadrant
