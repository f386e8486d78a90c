// SPDX-License-Identifier: MIT
// Pictures that a job names beside its inputs: a logo, a mask.
#pragma once

#include <string>

#include "pipeline/contract/frame.h"

namespace quadrant {

// The first picture of the file, as it is stored. Throws Error(input) with the file's name if there
// is no such file, or no picture in it.
Frame read_picture(const std::string& path);

}  // namespace quadrant
