// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "pipeline/media/output_plan.h"

namespace quadrant {

// The options `encoder` needs so that its output depends on the job alone, `asked` included; what
// was asked for goes before what is added.
Options reproducible(const std::string& encoder, int threads, Options asked);

}  // namespace quadrant
