// SPDX-License-Identifier: MIT
// Re-encodes one stream of an input besides the video: its sound or its subtitles.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/media/input.h"
#include "pipeline/media/output_plan.h"
#include "pipeline/media/packet.h"
#include "pipeline/observe/findings.h"

struct AVCodecContext;

namespace quadrant {

using EmitPacket = std::function<void(Packet)>;

class Transcoder {
 public:
  virtual ~Transcoder() = default;

  // An empty packet marks the end of the input. Emitted packets are in av().time_base, with the
  // input stream's index.
  virtual void transcode(const Packet& packet, const EmitPacket& emit) = 0;
  // Adds what did not come out as it was, since the last call.
  virtual void add_findings(Findings& found) = 0;
  virtual const AVCodecContext& av() const = 0;  // the encoder
};

using Transcoders = std::vector<std::pair<int, std::unique_ptr<Transcoder>>>;  // by input stream
// One for each stream, except the video, that the output re-encodes.
Transcoders open_transcoders(const Input& input, const OutputPlan& plan);

// The encoder of sound or text subtitles by which `container` can hold `stream` of the input,
// which it cannot hold as it is; "" if there is none. Tries it.
std::string substitute_encoder(const Input& input, int stream, const std::string& container,
                               const std::string& path);

}  // namespace quadrant
