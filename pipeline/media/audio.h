// SPDX-License-Identifier: MIT
// Re-encodes one audio stream: decode, convert to a form the encoder takes (libavfilter), encode.
#pragma once

#include <memory>
#include <string>

#include "pipeline/media/transcoder.h"

namespace quadrant {

class AudioTranscoder final : public Transcoder {
 public:
  // Throws Error(input) with libav's reason.
  AudioTranscoder(const Input& input, const StreamPlan& stream, bool global_header);
  ~AudioTranscoder() override;

  void transcode(const Packet& packet, const EmitPacket& emit) override;
  // Frames of another form than the first.
  void add_findings(Findings& found) override;
  const AVCodecContext& av() const override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quadrant
