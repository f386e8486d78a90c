// SPDX-License-Identifier: MIT
// What the installed libavcodec and libavformat can write. See also output_plan.h.
#pragma once

#include <string>
#include <vector>

#include "pipeline/media/format.h"

namespace quadrant {

// What `encoder` is given for pictures of `result`: `wanted`, or for "auto" what loses least.
PixelFormat choose_pixel_format(const std::string& encoder, const std::string& wanted,
                                const Format& result);
std::vector<PixelFormat> pixel_formats_of(const std::string& encoder);  // empty: any

// Some codecs (MPEG-4 part 2, MPEG-2 ...) and containers (AVI ...) count frames instead of telling
// the time; they need 1 / frame rate as the time base.
bool needs_constant_rate(const std::string& encoder, const std::string& container);
// JPEG has no tag for the range of samples: it is full, by definition.
bool needs_full_range(const std::string& encoder);
bool makes_images(const std::string& container);    // a muxer that writes single pictures
bool writes_nothing(const std::string& container);  // "null": for hashes and measurements

}  // namespace quadrant
