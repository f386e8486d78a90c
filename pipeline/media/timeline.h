// SPDX-License-Identifier: MIT
// An input's own clock: packets moved so that the input begins at 0 and, in containers whose
// timestamps may jump (MPEG-TS, MPEG-PS: AVFMT_TS_DISCONT), goes on without a jump. The rules and
// the thresholds are FFmpeg's (fftools, process_input, version 5.1), so that both say the same of
// every frame. In all other containers a clock that restarts (files put one behind the other, a
// recorder that lost its power) goes on after the last time, too, where FFmpeg puts the second half
// into a few milliseconds.
#pragma once

#include <vector>

#include "pipeline/media/av.h"

namespace quadrant {

class Timeline {
 public:
  // Keeps a reference to `context`, which must be open, with its streams known.
  explicit Timeline(const AVFormatContext& context);
  void move(AVPacket& packet);
  bool jumped() const { return jumped_; }
  // Converts a time of this clock to the container's; valid as long as nothing jumped.
  std::int64_t in_container(std::int64_t time, const AVStream& stream) const;

 private:
  struct Track {  // AV_TIME_BASE ticks
    std::int64_t next_dts = AV_NOPTS_VALUE, now = AV_NOPTS_VALUE;
  };
  void shift(AVPacket& packet, std::int64_t ticks) const;
  bool is_jump(std::int64_t dts, std::int64_t expected, const Track& track) const;
  void join(AVPacket& packet, const Track& track);
  void advance(const AVPacket& packet, Track& track) const;

  const AVFormatContext& context_;
  bool jumped_ = false;
  std::int64_t offset_ = 0;             // added to every timestamp
  std::int64_t joined_ = 0;             // by how much at the last step back
  std::int64_t last_ = AV_NOPTS_VALUE;  // of any stream
  std::vector<Track> tracks_;
};

}  // namespace quadrant
