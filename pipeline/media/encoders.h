// SPDX-License-Identifier: MIT
// What the installed libavcodec and libavformat can write. See also output_plan.h.
#pragma once

#include <string>
#include <vector>

#include "pipeline/contract/format.h"

namespace quadrant {

// The pixel format for `encoder` and pictures of `result`: `wanted`, or for "auto" the one that
// loses the least.
PixelFormat choose_pixel_format(const std::string& encoder, const std::string& wanted,
                                const Format& result);
std::vector<PixelFormat> pixel_formats_of(const std::string& encoder);  // empty: any

// Some codecs (MPEG-2 ...) and containers (AVI ...) count frames instead of storing times; they
// need 1 / frame rate as the time base.
bool counts_frames(const std::string& encoder, const std::string& container);
// True for codecs (MPEG-4 part 2 and relatives) that do not count frames, but whose rate control
// takes one tick for one frame: they get 1 / frame rate if the rate is constant. If it is not, a
// tolerance close to zero keeps the bit rate (measured on FFmpeg 5.1: 24 fps at 400 kb/s, in ticks
// of 1/24000 s, gives 180 kb/s, and 400 kb/s with the tolerance).
bool controls_rate_by_ticks(const std::string& encoder);
// The time base nearest to `wanted` that the encoder can write.
Rational possible_time_base(const std::string& encoder, Rational wanted);
// JPEG has no tag for the range of samples: it is full by definition.
bool needs_full_range(const std::string& encoder);
// Pictures of these codecs are BT.601 by definition (JFIF, section "Color space"; RFC 9649, section
// 3 for WebP), and have no tag to say otherwise.
bool is_always_bt601(const std::string& encoder);
bool makes_images(const std::string& container);    // a muxer that writes single pictures
bool writes_nothing(const std::string& container);  // "null": for hashes and measurements

}  // namespace quadrant
