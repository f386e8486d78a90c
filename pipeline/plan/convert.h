// SPDX-License-Identifier: MIT
// The conversion that the planner inserts where a stage or the encoder needs another pixel format.
// It is a stage like the others, but not in the catalogue.
#pragma once

#include "pipeline/contract/stage.h"

namespace quadrant {

std::unique_ptr<Stage> make_convert(const Format& to);
// Back to the pixel format that pictures had before filters; `matrix` is the one by which those
// made RGB of it (AVColorSpace), which `to` may not tell.
std::unique_ptr<Stage> make_convert_back(const Format& to, int matrix);

}  // namespace quadrant
