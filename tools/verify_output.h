// SPDX-License-Identifier: MIT
// A finished verification and its output formats.
#pragma once

#include <string>

#include "pipeline/verify/verify.h"

namespace quadrant {

// For a terminal: one row per run, what differed or did not run, and the verdict.
std::string verify_table(const VerifyResult& result, bool coloured);
std::string verify_json(const VerifyResult& result,
                        const std::string& config);  // quadrant-verify/2

}  // namespace quadrant
