// SPDX-License-Identifier: MIT
// Frames in order of presentation in, packets out.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "pipeline/media/output_plan.h"
#include "pipeline/media/packet.h"

struct AVCodecContext;

namespace quadrant {

class Frame;

class Encoder {
 public:
  // `global_header`: the container stores parameter sets separately (AVFMT_GLOBALHEADER). Throws
  // Error(input) with the encoder's own reason. `origin`, in ticks of the encoder's time base, is
  // where its clock starts, so that a segment's bytes do not depend on its position in the input.
  Encoder(const VideoEncoding& encoding, bool global_header, std::int64_t origin = 0);
  ~Encoder();

  // An empty frame marks the end of the input and flushes the encoder. Timestamps are made strictly
  // increasing, as every encoder requires; packets are in time_base().
  void encode(const Frame& frame, const std::function<void(Packet)>& emit);

  Rational time_base() const;
  const AVCodecContext& av() const { return *codec_; }  // for media/

 private:
  struct FreeCodec {
    void operator()(AVCodecContext* codec) const;
  };
  bool began() const { return last_pts_ != INT64_MIN; }
  void receive(const std::function<void(Packet)>& emit);

  std::unique_ptr<AVCodecContext, FreeCodec> codec_;
  std::int64_t origin_;
  std::int64_t last_pts_ = INT64_MIN;
  bool ended_ = false;
  // Encoders of FFmpeg 5 drop a frame's duration, which the last frame needs at a variable rate.
  std::map<std::int64_t, std::int64_t> durations_;
};

}  // namespace quadrant
