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

// Of the first picture: its properties, without samples; null if nothing could be decoded, or a
// photograph tells nothing.
struct FirstPicture {
  av::FramePtr properties;
  bool opaque = false;            // its format has alpha, and no sample of it is transparent
  std::vector<std::string> tags;  // of a photograph (EXIF, a PNG's text), but for technical ones
};

// A moving picture's: HDR's description of the mastering display (HEVC, AV1), colour tags (VP8,
// ProRes), an ICC profile.
FirstPicture look_at_film(AVStream& stream, const NextPacket& next);
// A photograph's, with its orientation.
FirstPicture look_at_photograph(AVStream& stream, const NextPacket& next);

// Has `frame` no transparent sample? False if it has no alpha, or alpha of an unusual layout.
bool is_opaque(const AVFrame& frame);

}  // namespace quadrant
