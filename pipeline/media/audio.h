// SPDX-License-Identifier: MIT
// Re-encodes one audio stream: decode, convert to a form the encoder takes (libavfilter), encode.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

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

  // An empty packet marks the end of the input. Emitted packets are in av().time_base, with the
  // input stream's index.
  void transcode(const Packet& packet, const std::function<void(Packet)>& emit);
  // Frames of another form than the first, by what became of them, since the last call.
  std::map<std::string, std::int64_t> take_changes();
  const AVCodecContext& av() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

using Transcoders = std::vector<std::pair<int, AudioTranscoder>>;  // by input stream
// One for each audio stream that the output re-encodes.
Transcoders open_transcoders(const Input& input, const OutputPlan& plan);

}  // namespace quadrant
