// SPDX-License-Identifier: MIT
// An input may be made of several: the pictures of a sequence, files that are joined. Its packets
// tell to which part they belong, so that decoders follow where the codec changes; nobody else has
// to know that there is more than one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/media/av.h"
#include "pipeline/media/input.h"

namespace quadrant {

struct FreeContext {
  void operator()(AVFormatContext* context) const { avformat_free_context(context); }
};
// A description of streams, made by us: nothing can be read from it.
using MadeContext = std::unique_ptr<AVFormatContext, FreeContext>;

struct Part {
  int number = 0;
  std::string name;            // for messages
  MadeContext context;         // its streams, numbered as the whole input's, in their time bases
  bool turns_its_own = false;  // its container tells another orientation than other parts' do
  // What it shows on the whole input's clock: in ticks of the video stream, and for sound in those
  // of AV_TIME_BASE.
  Input::Ticks pictures, sound;
};

// `is_hidden`: it is only needed to decode others of its part.
void mark(AVPacket& packet, std::shared_ptr<const Part> part, bool is_hidden);
// Null if the input has no parts.
std::shared_ptr<const Part> part_of(const AVPacket& packet);
bool is_hidden(const AVPacket& packet);

// A context without streams, as if of libavformat's demuxer `name`, or of that of `other`, if
// libavformat was built without it.
MadeContext make_context(const char* name, const AVFormatContext& other);
// A stream like `other`, with its times in `time_base`.
AVStream& add_stream_like(AVFormatContext& context, const AVStream& other, AVRational time_base);
// A frame with the properties of `frame`, and no samples; null of null.
av::FramePtr properties_of(const AVFrame* frame);

}  // namespace quadrant
