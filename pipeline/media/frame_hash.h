// SPDX-License-Identifier: MIT
// One line a frame, in the format of FFmpeg's framemd5 muxer (libavformat/hashenc.c), so that
// `ffmpeg -i IN -f framemd5 -` and a text comparison tell which frame differs, in time or pixels.
#pragma once

#include <string>

#include "pipeline/media/frame.h"

namespace quadrant {

class FrameHashes {
 public:
  void begin(const Format& format, Rational time_base);
  void add(const Frame& frame);
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace quadrant
