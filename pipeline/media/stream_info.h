// SPDX-License-Identifier: MIT
// libavformat's description of an input, converted to our own values.
#pragma once

#include <optional>
#include <span>

#include "pipeline/media/av.h"
#include "pipeline/media/input.h"

namespace quadrant {

StreamKind stream_kind(const AVStream& stream);
// Sets what the stream's display matrix says; see StreamInfo.
void set_orientation(StreamInfo& info, const AVStream& stream);
InputInfo describe_input(const std::string& name, AVFormatContext& context);

// Bytes of each picture of raw video, which lie one after the other without anything between; 0 for
// any other input.
std::int64_t bytes_of_raw_picture(const AVFormatContext& context, const InputInfo& info);

// Degrees clockwise by which players rotate the picture; empty if they do not (a zero matrix).
std::optional<double> rotation_of(const AVStream& stream);

// Why the installed libavcodec cannot decode the stream, as far as its parameters tell; empty if
// it can.
std::string why_undecodable(const AVStream& stream);
// Of a packet that no decoder can read, since it was not decrypted.
bool is_encrypted(const AVPacket& packet);
inline constexpr const char* encrypted = "encrypted, and Quadrant takes no keys; decrypt it first";

// Display matrix and other side data of a whole stream, which moved from AVStream to
// AVCodecParameters in FFmpeg 6.1; null if the stream has none of `type`.
const std::uint8_t* stream_side_data(const AVStream& stream, AVPacketSideDataType type);
// The same with its size.
std::span<const std::uint8_t> side_data_of(const AVStream& stream, AVPacketSideDataType type);
// The stream must not have any of `type` yet.
void add_side_data(AVStream& stream, AVPacketSideDataType type, std::span<const std::uint8_t> data);
// What copying a stream's parameters does not copy.
void copy_stream_side_data(AVStream& to, const AVStream& from);

}  // namespace quadrant
