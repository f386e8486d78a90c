// SPDX-License-Identifier: MIT
// Is a stream's rate constant? Only where it is may frames be counted instead of timed. A container
// that lists all times (MP4) tells; Matroska's header says what the rate usually is, and its first
// frames whether it holds.
#pragma once

#include <vector>

#include "pipeline/media/av.h"

namespace quadrant {

// What the header says. `nominal` is av_guess_frame_rate().
bool header_says_variable(const AVStream& stream, AVRational nominal);
// Do these times, in any order, leave the grid of frames `rate` apart, by more than the container's
// clock rounds?
bool leave_grid(std::vector<std::int64_t> times, AVRational time_base, AVRational rate);

}  // namespace quadrant
