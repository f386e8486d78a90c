// SPDX-License-Identifier: MIT
// The nodes at both ends of a session's chain, between packets and frames.
#pragma once

#include "pipeline/execute/adapt.h"
#include "pipeline/execute/node.h"
#include "pipeline/media/carried.h"
#include "pipeline/media/decode.h"
#include "pipeline/media/encode.h"
#include "pipeline/media/frame_hash.h"
#include "pipeline/media/segment.h"
#include "pipeline/observe/meter.h"

namespace quadrant {

struct Plan;

// Admits a frame; may return null if the executor counts frames itself.
using Admit = std::function<std::shared_ptr<Ticket>(const FrameName&, Work& maker)>;

// Decodes packets of the processed stream, keeping the frames that the segment's stages need. All
// other packets pass through in order.
class DecodeNode final : public SerialNode {
 public:
  DecodeNode(Decoder& decoder, const Plan& plan, const Segment& segment, InputMeter& meter,
             Admit admit);
  void push(Item item, const EmitItem& emit) override;

 private:
  void decode(const Packet& packet, const EmitItem& emit);
  Frame adapted(Frame frame);
  void count_errors(const Packet& packet);
  void find_skipped();
  void look_at(const Frame& frame);
  FrameName name_of(const Frame& frame);

  Decoder& decoder_;
  int stream_;
  Segment segment_;
  InputMeter& meter_;
  StageMeter& time_;
  Admit admit_;
  Adapt adapt_;
  bool has_times_;  // pictures and raw streams have none, which the plan tells
  CarriedLater carried_;
  Findings found_;
  std::int64_t errors_ = 0, skipped_ = 0;
};

// Encodes the segment's frames to packets. Also re-encodes sound and subtitles, in their places in
// the order.
class EncodeNode final : public SerialNode {
 public:
  // `encoder` is null without video, `hashes` if none are requested.
  EncodeNode(Encoder* encoder, Transcoders& others, const Plan& plan, const Segment& segment,
             InputMeter& meter, FrameHashes* hashes, std::int64_t& pictures);
  void push(Item item, const EmitItem& emit) override;

 private:
  void encode(const Frame& frame, const EmitItem& emit);
  void pass(const Packet& packet, const EmitItem& emit);
  void transcode(Transcoder& transcoder, const Packet& packet, const EmitItem& emit);

  Encoder* encoder_;
  Transcoders& others_;
  bool is_late_start_;  // packets below 0 are there to be decoded, not to be copied
  Segment segment_;
  InputMeter& meter_;
  StageMeter& time_;
  FrameHashes* hashes_;
  std::int64_t& pictures_;  // counts encoded pictures
  Findings found_;
};

}  // namespace quadrant
