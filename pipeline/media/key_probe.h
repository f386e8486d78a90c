// SPDX-License-Identifier: MIT
// Is one packet a keyframe? libavformat lets a parser look into each packet of some streams, and
// what it finds there counts, not what the container says. This asks the same parser about single
// packets, and reads of each only what it takes.
#pragma once

#include <cstdint>
#include <vector>

#include "pipeline/media/av.h"
#include "pipeline/media/segment.h"
#include "pipeline/media/skipping_reader.h"

namespace quadrant {

class KeyProbe {
 public:
  // For codecs whose parser needs nothing but the packet and the stream's header.
  static bool serves(AVCodecID codec);

  // `file` must outlive it.
  KeyProbe(const SkippingReader& file, const AVStream& stream);
  // Throws IndexDoubt where no picture is found.
  bool is_key(ByteRange packet);

 private:
  enum class Found { key, no_key, nothing };
  Found look(ByteRange packet, std::int64_t read_bytes);

  const SkippingReader& file_;
  av::CodecPtr codec_;
  std::vector<std::uint8_t> data_;
};

}  // namespace quadrant
