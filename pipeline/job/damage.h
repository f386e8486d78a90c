// SPDX-License-Identifier: MIT
// What was wrong with an input that was done all the same: libav conceals damage and goes on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/observe/meter.h"

namespace quadrant {

// After all of the input was read. `promised`: packets of the video that its container has an index
// of; 0: unknown. Empty if nothing is known to be wrong; a container without an index that ends
// early between two packets (a transport stream) cannot be told from a short one.
std::vector<std::string> damage_of(const InputMeter& meter, std::int64_t promised);

}  // namespace quadrant
