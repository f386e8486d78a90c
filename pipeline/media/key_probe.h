// SPDX-License-Identifier: MIT
// Checks whether single packets are keyframes. For some streams libavformat has a parser look into
// each packet, and the parser decides, not the container. This calls the same parser for single
// packets, and reads only as much of each as the parser needs.
#pragma once

#include <cstdint>
#include <vector>

#include "pipeline/media/av.h"
#include "pipeline/media/segment.h"
#include "pipeline/media/skipping_reader.h"

namespace quadrant {

class KeyProbe {
 public:
  // True for codecs whose parser needs only the packet and the stream's header.
  static bool serves(AVCodecID codec);

  // `file` must outlive it.
  KeyProbe(const SkippingReader& file, const AVStream& stream);
  // Throws IndexDoubt if no picture is found.
  bool is_key(ByteRange packet);

 private:
  enum class Found { key, no_key, nothing };
  Found look(ByteRange packet, std::int64_t read_bytes);

  const SkippingReader& file_;
  av::CodecPtr codec_;
  std::vector<std::uint8_t> data_;
};

}  // namespace quadrant
