// SPDX-License-Identifier: MIT
// Makes an output's streams like those of the input: everything that a container says about a
// stream besides its packets.
#pragma once

#include <string>

#include "pipeline/media/av.h"

namespace quadrant {

AVFormatContext* new_output_context(const std::string& container);
AVStream* add_copied_stream(AVFormatContext& output, const AVStream& in);
AVStream* add_encoded_stream(AVFormatContext& output, const AVCodecContext& encoder,
                             const AVStream& in);
// Does this side data describe the light of an HDR picture, of which the encoder gets SDR?
bool is_outdated(AVPacketSideDataType type, const AVStream& in, const AVCodecContext& encoder);
// Side data of the whole stream. copy_side_data(): one type, if `in` has it and `out` does not;
// drop_side_data(): removes all.
void copy_side_data(AVStream& out, const AVStream& in, AVPacketSideDataType type);
void drop_side_data(AVStream& out);
void drop_rotation(AVStream& out);
// Is the tag about the old coding (its encoder, sizes, statistics), not about the work itself?
bool tells_of_coding(const char* tag);
// A re-encoded stream does not get tags about the old coding.
void copy_stream_metadata(AVStream& out, const AVStream& in, bool encoded);
// Tags of the file, and the programme's name in broadcasts.
void copy_metadata(AVFormatContext& output, const AVFormatContext& input);
// Chapters are shifted by the input's start, like packets.
void copy_chapters(AVFormatContext& output, const AVFormatContext& input);
// Does the codec store properties of the picture (colours, aspect ratio, field order) in every
// picture, in addition to its extradata?
bool tells_in_band(AVCodecID codec);
// MP4's box for colours holds an ICC profile or tags. Where the pictures hold the tags too, the
// profile is asked for (a flag of the muxer). False if there is nothing to ask.
bool prefers_profile(const AVFormatContext& output);
bool can_hold_chapters(const std::string& container);

}  // namespace quadrant
