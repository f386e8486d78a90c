// SPDX-License-Identifier: MIT
// One audio stream encoded anew: decode, bring into a form the encoder takes (libavfilter), encode.
#pragma once

#include <functional>
#include <memory>

#include "pipeline/media/input.h"
#include "pipeline/media/output_plan.h"
#include "pipeline/media/packet.h"

struct AVCodecContext;

namespace quadrant {

class AudioTranscoder {
 public:
  // Throws Error(input) with libav's reason.
  AudioTranscoder(const Input& input, int stream, const std::string& encoder,
                  const Options& options, bool global_header);
  ~AudioTranscoder();
  AudioTranscoder(AudioTranscoder&&) noexcept;

  // An empty packet says that the input ended. Packets come in av().time_base, with the input
  // stream's index.
  void transcode(const Packet& packet, const std::function<void(Packet)>& emit);
  const AVCodecContext& av() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quadrant
