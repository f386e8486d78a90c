// SPDX-License-Identifier: MIT
// libavformat's description of an input as our own values.
#pragma once

#include <optional>

#include "pipeline/media/av.h"
#include "pipeline/media/input.h"

namespace quadrant {

StreamKind stream_kind(const AVStream& stream);
InputInfo describe_input(const std::string& name, AVFormatContext& context);

// Degrees clockwise that a player turns the picture; empty where it does not (a matrix of zeros).
std::optional<double> rotation_of(const AVStream& stream);

// Display matrix and other stream-wide side data moved from AVStream to AVCodecParameters in
// FFmpeg 6.1; null if the stream has none of `type`.
const std::uint8_t* stream_side_data(const AVStream& stream, AVPacketSideDataType type);

}  // namespace quadrant
