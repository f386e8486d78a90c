// SPDX-License-Identifier: MIT
// What of a stream's and a file's properties an output does not keep. libavformat drops without a
// word what a container has no place for, and no table of its says so; it differs between versions
// too. So the muxer is asked: a header with the property and one without it are written into
// memory, and equal bytes mean that the property is lost.
#pragma once

#include <string>
#include <vector>

#include "pipeline/media/av.h"
#include "pipeline/media/output_plan.h"

namespace quadrant {

// Rotation, HDR description, tags and roles of `in` that `plan`'s container does not write.
// `encoder` is null for a stream that is copied.
std::vector<std::string> lost_of_stream(const OutputPlan& plan, const AVStream& in,
                                        const AVCodecContext* encoder);
// Colour tags, aspect ratio and field order, which the container or the encoder may hold.
std::vector<std::string> lost_of_picture(const std::string& container, const AVStream& in,
                                         const VideoEncoding& video);
// Alpha, bits and resolution that the encoder's pixel format has no room for.
std::vector<std::string> lost_of_samples(const Format& from, const VideoEncoding& video);
// Tags of the whole file, in one line. `first` is any stream of the output.
std::vector<std::string> lost_of_file(const std::string& container, const AVFormatContext& input,
                                      const AVCodecContext& video, const AVStream& in);

}  // namespace quadrant
