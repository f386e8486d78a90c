// SPDX-License-Identifier: MIT
// One line per frame, in the format of FFmpeg's framemd5 muxer (libavformat/hashenc.c), so that
// `ffmpeg -i IN -f framemd5 -` and a text comparison show which frame differs, in time or pixels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "pipeline/contract/format.h"

struct AVMurMur3;

namespace quadrant {

class Frame;

// 64 bits of Murmur3: for comparisons within one process, several times faster than MD5.
class QuickHash {
 public:
  QuickHash();  // throws Error(temporary) when out of memory
  ~QuickHash();
  QuickHash(const QuickHash&) = delete;
  QuickHash& operator=(const QuickHash&) = delete;

  void add(const std::uint8_t* bytes, std::size_t size);
  std::uint64_t value();  // call once, at the end

 private:
  AVMurMur3* state_;
};

class FrameHashes {
 public:
  void begin(const Format& format, Rational time_base);
  void add(const Frame& frame);
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace quadrant
