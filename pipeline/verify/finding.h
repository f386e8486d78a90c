// SPDX-License-Identifier: MIT
// Describes a finding in terms of the job.
#pragma once

#include "pipeline/verify/comparison.h"
#include "pipeline/verify/verify.h"

namespace quadrant {

// `frames`: from Comparison::differing_frames(). The expected value at the pixel comes from `look`,
// the reference's second run.
Difference difference_of(const std::string& input, const Finding& finding,
                         const std::vector<std::int64_t>& frames, const SecondLook& look);

}  // namespace quadrant
