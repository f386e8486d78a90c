// SPDX-License-Identifier: MIT
// What the keys of an input's map ask of one another.
#pragma once

#include "pipeline/config/problems.h"
#include "pipeline/config/read_yaml.h"
#include "pipeline/input_spec.h"

namespace quadrant {

// `map` is what was written, `taken` what was read of it.
void check_input(const YamlNode& map, const Selection& taken, Problems& problems);

}  // namespace quadrant
