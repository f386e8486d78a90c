// SPDX-License-Identifier: MIT
// The nodes at both ends of a session's chain, between packets and pictures.
#pragma once

#include "pipeline/execute/adapt.h"
#include "pipeline/execute/node.h"
#include "pipeline/media/decode.h"
#include "pipeline/media/encode.h"
#include "pipeline/media/frame_hash.h"
#include "pipeline/media/segment.h"
#include "pipeline/observe/meter.h"

namespace quadrant {

// Admits a frame; may give nothing where the executor does its own counting.
using Admit = std::function<std::shared_ptr<Ticket>(const FrameName&)>;

// Packets of the processed stream become pictures, as far as the segment's stages want to see them;
// all other packets pass in their place.
class DecodeNode final : public SerialNode {
 public:
  DecodeNode(Decoder& decoder, int stream, const Format& source, const Segment& segment,
             InputMeter& meter, Admit admit);
  void push(Item item, const EmitItem& emit) override;

 private:
  void decode(const Packet& packet, const EmitItem& emit);
  FrameName name_of(const Frame& frame);

  Decoder& decoder_;
  int stream_;
  Segment segment_;
  InputMeter& meter_;
  StageMeter& time_;
  Admit admit_;
  Adapt adapt_;
  std::int64_t errors_ = 0, given_ = 0;
};

// The segment's pictures become packets; audio that is encoded anew is done here too, in its place.
class EncodeNode final : public SerialNode {
 public:
  // `encoder` is null where there is no video, `hashes` where nobody wants them.
  EncodeNode(Encoder* encoder, Transcoders& audio, const Segment& segment, InputMeter& meter,
             FrameHashes* hashes, std::int64_t& pictures);
  void push(Item item, const EmitItem& emit) override;

 private:
  void encode(const Frame& frame, const EmitItem& emit);
  void pass(const Packet& packet, const EmitItem& emit);
  static void transcode(AudioTranscoder& transcoder, const Packet& packet, const EmitItem& emit);

  Encoder* encoder_;
  Transcoders& audio_;
  Segment segment_;
  InputMeter& meter_;
  StageMeter& time_;
  FrameHashes* hashes_;
  std::int64_t& pictures_;  // counted
};

}  // namespace quadrant
