// SPDX-License-Identifier: MIT
// The orientation that a stream or a picture tells.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "pipeline/contract/frame.h"
#include "pipeline/contract/orientation.h"
#include "pipeline/media/av.h"

namespace quadrant {

// Of a display matrix of nine numbers (libavutil/display.h); empty if it is no right angle.
std::optional<Orientation> orientation_of(const std::int32_t* matrix);
// Of a whole stream; empty if it has no matrix, too.
std::optional<Orientation> orientation_of(const AVStream& stream);
std::array<std::int32_t, 9> matrix_of(Orientation orientation);
// Of a decoded picture: by its own display matrix (JPEG's EXIF, H.264's SEI) or its EXIF tag;
// upright where it tells none.
Orientation orientation_of(const AVFrame& frame);

// The picture as it is after `turn`, by libavfilter.
Frame turned(const Frame& frame, Orientation turn);

}  // namespace quadrant
