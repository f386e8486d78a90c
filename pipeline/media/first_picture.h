// SPDX-License-Identifier: MIT
// Properties of a stream that only its pictures tell, but that belong in the output's header, which
// is written before the first picture comes. What can be side data of the stream becomes that.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "pipeline/media/av.h"

namespace quadrant {

// `next` gives the input's first packets, of all streams, then null.
using NextPacket = std::function<const AVPacket*()>;

// HDR's description of the mastering display, which may be only in the pictures (HEVC, AV1).
void look_at_hdr(AVStream& stream, const NextPacket& next);
// A photograph's orientation. Returns the names of its tags (EXIF, a PNG's text), except those that
// only tell how the samples are stored.
std::vector<std::string> look_at_photograph(AVStream& stream, const NextPacket& next);

}  // namespace quadrant
