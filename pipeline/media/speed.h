// SPDX-License-Identifier: MIT
// An input played at another speed. Its packets keep their ticks, and only what a tick is changes:
// at twice the speed half of it. So no time is rounded, and nobody above knows that the input was
// ever slower. Sound alone has to be made anew, by libavfilter's `atempo`, which keeps its pitch.
#pragma once

#include <string>

#include "pipeline/media/av.h"
#include "pipeline/media/input.h"

namespace quadrant {

// `speed` counts to the thousandth.
AVRational time_base_at(double speed, AVRational time_base);
// Says of `info` what becomes of it, and moves the chapters of `context`.
void set_speed(double speed, AVFormatContext& context, InputInfo& info);
// Filters for sound that is to play so fast; "" for 1.
std::string tempo_filters(double speed);

}  // namespace quadrant
