// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "pipeline/media/output_plan.h"

namespace quadrant {

// The number of threads with which the output of `encoder` depends on the job alone: `wanted`, or 1
// if its rate control looks at the progress of other threads.
int reproducible_threads(const std::string& encoder, int wanted, const Options& asked);

// The options with which the output of `encoder` depends on the job alone, `asked` included; these
// take precedence over what is added.
Options reproducible(const std::string& encoder, int threads, Options asked);

// Without what makes the encoder write files by itself: the statistics of a first pass.
Options without_written_files(Options options);

}  // namespace quadrant
