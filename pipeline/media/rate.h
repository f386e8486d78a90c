// SPDX-License-Identifier: MIT
// Is a stream's frame rate constant? Only then may frames be counted instead of timed. A container
// that lists all times (MP4) says so; Matroska's header states only the usual rate, and the first
// frames show whether it holds.
#pragma once

#include <vector>

#include "pipeline/media/av.h"

namespace quadrant {

// According to the header. `nominal` is av_guess_frame_rate().
bool header_says_variable(const AVStream& stream, AVRational nominal);
// Do these times, in any order, leave the grid of frames at `rate` by more than the rounding of the
// container's clock?
bool leave_grid(std::vector<std::int64_t> times, AVRational time_base, AVRational rate);

}  // namespace quadrant
