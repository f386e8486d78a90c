// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "pipeline/media/output_plan.h"

namespace quadrant {

// How many threads `encoder` may have so that its output depends on the job alone: `wanted`, or 1
// where its rate control looks at how far other threads are.
int reproducible_threads(const std::string& encoder, int wanted, const Options& asked);

// The options `encoder` needs so that its output depends on the job alone, `asked` included; what
// was asked for goes before what is added.
Options reproducible(const std::string& encoder, int threads, Options asked);

}  // namespace quadrant
