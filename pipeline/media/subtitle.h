// SPDX-License-Identifier: MIT
// Converts one stream of text subtitles to the kind of text that a container holds. In between they
// are lines of ASS, which libavcodec's decoders and encoders of text speak; so what the encoder
// drops can be seen in those lines.
#pragma once

#include <memory>
#include <string>

#include "pipeline/media/transcoder.h"

namespace quadrant {

class SubtitleTranscoder final : public Transcoder {
 public:
  // Throws Error(input) with libav's reason.
  SubtitleTranscoder(const Input& input, int stream, const std::string& encoder,
                     bool global_header);
  ~SubtitleTranscoder() override;

  void transcode(const Packet& packet, const EmitPacket& emit) override;
  // Subtitles with styling that the encoder drops, and those that could not be decoded.
  void add_findings(Findings& found) override;
  const AVCodecContext& av() const override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Styling that the whole stream has (fonts, colours and places of ASS), and `encoder` drops; "" if
// there is none.
std::string lost_styling(const Input& input, int stream, const std::string& encoder);

}  // namespace quadrant
