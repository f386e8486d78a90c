// SPDX-License-Identifier: MIT
// libavfilter's conversion of decoded audio. A graph is made for one form of samples; a stream that
// changes its form gets another one. Only audio.cc includes this.
#pragma once

#include <functional>
#include <string>

#include "pipeline/media/av.h"

namespace quadrant {

struct AudioForm {
  AVSampleFormat format = AV_SAMPLE_FMT_NONE;
  int rate = 0;
  std::string layout;  // of the channels, by libavutil's name
  friend bool operator==(const AudioForm&, const AudioForm&) = default;

  // As aformat's arguments.
  std::string as_conversion() const;
};

// Where `layout` does not tell which channels there are, it becomes the usual one for their number.
AudioForm form_of(int sample_format, int rate, AVChannelLayout& layout);

// What `codec` takes, as aformat's arguments: libavfilter then converts to the nearest.
std::string conversion_for(const AVCodec& codec);

class AudioGraph {
 public:
  AudioGraph() = default;
  // `conversion`: aformat's arguments. `name` is for messages.
  AudioGraph(const AudioForm& in, const std::string& conversion, const std::string& name);

  AudioForm output() const;
  AVRational time_base() const;  // of what is emitted; pushed are samples
  void give_frames_of(int samples);
  // Takes the samples out of `frame`; null says that they ended.
  void push(AVFrame* frame, const std::function<void(AVFrame*)>& emit);

 private:
  std::string name_;
  av::GraphPtr graph_;
  AVFilterContext *source_ = nullptr, *sink_ = nullptr;
};

}  // namespace quadrant
