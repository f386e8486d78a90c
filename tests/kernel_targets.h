// SPDX-License-Identifier: MIT
// The instruction sets that the kernels were built for and that this machine has, the plain one
// too.
#pragma once

#include <hwy/targets.h>

#include <cstdint>
#include <vector>

namespace quadrant::test {

inline std::vector<std::int64_t> kernel_targets() { return hwy::SupportedAndGeneratedTargets(); }

}  // namespace quadrant::test
