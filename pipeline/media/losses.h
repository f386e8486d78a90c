// SPDX-License-Identifier: MIT
// Finds the properties of streams and files that an output does not keep. libavformat silently
// drops what a container cannot hold; no table lists it, and it differs between versions. So the
// muxer is tried: headers with and without the property are written into memory, and equal bytes
// mean that the property is lost.
#pragma once

#include <string>
#include <vector>

#include "pipeline/media/av.h"
#include "pipeline/media/output_plan.h"

namespace quadrant {

// Orientation (of a copied stream), HDR description, tags and roles of `in` that `plan`'s container
// does not write. `encoder` is null for a copied stream.
// What it writes is added to `kept`, without its stream.
std::vector<std::string> lost_of_stream(const OutputPlan& plan, const AVStream& in,
                                        const AVCodecContext* encoder,
                                        std::vector<KeptProperty>& kept);
// "role default" if players no longer know it: `in` is chosen, others of its kind are not.
bool loses_choice(const OutputPlan& plan, const AVStream& in, const AVCodecContext* encoder);
// A time of creation that is not the whole file's, which is all that MP4 writes.
bool loses_creation_time(const OutputPlan& plan, const AVFormatContext& input, const AVStream& in,
                         const AVCodecContext* encoder);
// Does the output not tell how the picture of `in` is to be shown, though nothing turned it?
bool loses_orientation(const OutputPlan& plan, const AVStream& in, const AVCodecContext* encoder);
std::string lost_orientation(const AVStream& in, const std::string& container);
// What a photograph tells about itself (EXIF, a PNG's text): no encoder of libavcodec writes it.
std::vector<std::string> lost_of_photograph(const StreamInfo& picture, const OutputPlan& plan);
// What pictures carry besides samples (captions, HDR10+, timecodes, an ICC profile, Dolby Vision)
// and the encoder does not write. `first`: properties of the first picture, or null.
std::vector<std::string> lost_of_frames(const OutputPlan& plan, const AVStream& in,
                                        const AVCodecContext& encoder, const AVFrame* first);
std::vector<int> carried_by(const AVFrame* frame);  // AVFrameSideDataType; may be null
std::vector<std::string> names_of_carried(const std::vector<int>& types);
// Colour tags, aspect ratio and field order, which the container or the encoder may store.
std::vector<std::string> lost_of_picture(const std::string& container, const AVStream& in,
                                         const VideoEncoding& video,
                                         std::vector<KeptProperty>& kept);
// Alpha (unless the picture is `opaque`), bit depth and chroma resolution that the encoder's pixel
// format cannot hold.
std::vector<std::string> lost_of_samples(const Format& from, const VideoEncoding& video,
                                         bool opaque);
// Tags of the whole file, on one line. `first` is any stream of the output.
std::vector<std::string> lost_of_file(const std::string& container, const AVFormatContext& input,
                                      const AVCodecContext& video, const AVStream& in,
                                      std::vector<KeptProperty>& kept);

}  // namespace quadrant
