// SPDX-License-Identifier: MIT
// Frames in order of presentation in, packets out.
#pragma once

#include <functional>
#include <map>

#include "pipeline/media/av.h"
#include "pipeline/media/frame.h"
#include "pipeline/media/output_plan.h"
#include "pipeline/media/packet.h"

namespace quadrant {

class Encoder {
 public:
  // `global_header`: the container keeps parameter sets apart (AVFMT_GLOBALHEADER). Throws
  // Error(input) with the encoder's own reason. `origin`, in ticks of the encoder's time base, is
  // where its clock is to begin: a segment's bytes do not depend on where in the input it lies.
  Encoder(const VideoEncoding& encoding, bool global_header, std::int64_t origin = 0);
  ~Encoder();

  // An empty frame says that the input ended: what the encoder still holds comes out. Timestamps
  // are made strictly increasing, which every encoder wants; packets are in time_base().
  void encode(const Frame& frame, const std::function<void(Packet)>& emit);

  AVRational time_base() const { return codec_->time_base; }
  const AVCodecContext& av() const { return *codec_; }

 private:
  bool began() const { return last_pts_ != INT64_MIN; }
  void receive(const std::function<void(Packet)>& emit);

  av::CodecPtr codec_;
  std::int64_t origin_;
  std::int64_t last_pts_ = INT64_MIN;
  bool ended_ = false;
  // Encoders of FFmpeg 5 lose the frame's duration, which a variable rate needs for its last frame.
  std::map<std::int64_t, std::int64_t> durations_;
};

}  // namespace quadrant
