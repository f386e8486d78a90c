// SPDX-License-Identifier: MIT
// Pictures for tests: made, never read from files, and the same on every machine.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "pipeline/contract/frame.h"

namespace quadrant::test {

Format format(std::string_view pixels, int width, int height);

// Every sample from paint(plane, x, y).
using Paint = std::function<int(int plane, int x, int y)>;
Frame painted(const Format& format, std::int64_t pts, const Paint& paint);

// Noise over a gradient, different for every seed; samples never exceed the depth.
Frame picture(const Format& format, unsigned seed, std::int64_t pts = 0);
Frame flat_picture(const Format& format, int luma, int chroma);

// The samples of a plane without padding, row after row: what comparing is done on.
using Bytes = std::vector<std::uint8_t>;
Bytes plane_bytes(const Frame& frame, int plane);
Bytes all_bytes(const Frame& frame);
bool same(const Frame& a, const Frame& b);  // does not print two pictures where it fails

// One sample of a planar format.
int sample(const Frame& frame, int plane, int x, int y);

}  // namespace quadrant::test
