// SPDX-License-Identifier: MIT
// Streams of an output, made like those of the input: everything a container says about a stream
// beside its packets.
#pragma once

#include <string>

#include "pipeline/media/av.h"

namespace quadrant {

AVFormatContext* new_output_context(const std::string& container);
AVStream* add_copied_stream(AVFormatContext& output, const AVStream& in);
AVStream* add_encoded_stream(AVFormatContext& output, const AVCodecContext& encoder,
                             const AVStream& in);
// Side data of the whole stream: one kind of it, where `in` has it and `out` has not; or none at
// all.
void copy_side_data(AVStream& out, const AVStream& in, AVPacketSideDataType type);
void drop_side_data(AVStream& out);
void drop_rotation(AVStream& out);
// Does a stream's tag tell of the old coding (its encoder, sizes, statistics), not of the work?
bool tells_of_coding(const char* tag);
// A stream that is encoded anew has nothing to do with the old coding.
void copy_stream_metadata(AVStream& out, const AVStream& in, bool encoded);
// Tags of the file, and what a broadcast calls its programme.
void copy_metadata(AVFormatContext& output, const AVFormatContext& input);
// Chapters move with the input's start, as the packets do.
void copy_chapters(AVFormatContext& output, const AVFormatContext& input);
bool can_hold_chapters(const std::string& container);

}  // namespace quadrant
