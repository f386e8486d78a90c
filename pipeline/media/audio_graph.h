// SPDX-License-Identifier: MIT
// libavfilter's conversion of decoded audio. A graph is made for one form of samples; if a stream
// changes its form, it gets a new graph. Only audio.cc includes this.
#pragma once

#include <functional>
#include <string>

#include "pipeline/media/av.h"

namespace quadrant {

struct AudioForm {
  AVSampleFormat format = AV_SAMPLE_FMT_NONE;
  int rate = 0;
  std::string layout;  // of the channels, with libavutil's name
  friend bool operator==(const AudioForm&, const AudioForm&) = default;

  std::string describe() const;  // "stereo 48000 Hz"
  // As aformat's arguments.
  std::string as_conversion() const;
};

// If `layout` does not say which channels there are, sets it to the default for their number.
AudioForm form_of(int sample_format, int rate, AVChannelLayout& layout);

// The forms that `codec` takes, as aformat's arguments: libavfilter converts to the nearest.
// `rate`: the only one that is wanted, if the codec takes it; 0: any.
std::string conversion_for(const AVCodec& codec, int rate);

class AudioGraph {
 public:
  AudioGraph() = default;
  // `chain`: filters before the conversion, "" for none. `conversion`: aformat's arguments. `name`
  // is for messages.
  AudioGraph(const AudioForm& in, const std::string& chain, const std::string& conversion,
             const std::string& name);

  AudioForm output() const;
  AVRational time_base() const;  // of emitted frames; pushed frames count samples
  void give_frames_of(int samples);
  // Takes the samples out of `frame`; null marks their end.
  void push(AVFrame* frame, const std::function<void(AVFrame*)>& emit);

 private:
  struct End {
    AVFilterContext* filter = nullptr;
    unsigned pad = 0;
  };
  End add_chain(const std::string& chain);  // after the source; where it ends
  void configure(const std::string& chain);
  [[noreturn]] void refuse(const std::string& chain, int code) const;

  std::string name_;
  av::GraphPtr graph_;
  AVFilterContext *source_ = nullptr, *sink_ = nullptr;
};

}  // namespace quadrant
