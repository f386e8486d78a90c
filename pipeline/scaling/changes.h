// SPDX-License-Identifier: MIT
// The same job with one thing changed, to see what that thing costs.
#pragma once

#include <string>
#include <vector>

#include "pipeline/scaling/workload.h"

namespace quadrant {

struct Change {
  std::string name;  // "decode", "denoise", "encode", "storage"; or the change
  Workload workload;
};
// One change per stage: its costs times `factor`.
std::vector<Change> each_stage(const Workload& workload, double factor);

// The encoder with `threads` of its own instead of the calling thread.
Workload with_encoder_threads(const Workload& workload, int threads);
// Each input cut into units of about `frames_each` frames.
Workload with_segments(const Workload& workload, std::int64_t frames_each);

}  // namespace quadrant
