// SPDX-License-Identifier: MIT
// Drives a session's chain in one thread, in an order drawn from a seed among all that the promises
// allow: serial nodes in order of index, parallel and async ones in any order, reading as far ahead
// as it likes. An error in the order of things shows here every time, not once in a thousand runs
// (after libjxl's FakeParallelRunner).
#pragma once

#include <cstdint>
#include <string>

#include "pipeline/execute/session.h"

namespace quadrant {

void run_in_any_order(Session& session, const std::string& path, std::uint64_t seed);

}  // namespace quadrant
