// SPDX-License-Identifier: MIT
// A part of an input, from one moment to another, as an input with a clock of its own: the part
// begins at 0. Pictures are exact: reading begins at a keyframe early enough for the first one, and
// the decoder gives only those of the part. Sound that is encoded is cut to the sample, all that is
// copied to its packet; subtitles and chapters that reach over a border are cut there.
//
//   packets   K p p p p K p p|p p p p K p p p p K p|p p p      |: start and end
//   read                K p p p p p p K p p p p K p              times: -2 -1 0 1 2 3 ...
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "pipeline/input_spec.h"
#include "pipeline/media/av.h"
#include "pipeline/media/input.h"

namespace quadrant {

class Trim {
 public:
  // Moves the chapters of `context`, and says of `info` what is left of it. Keeps a reference to
  // `context`. Throws Error(input) if the input ends before the part begins.
  Trim(const Selection& taken, AVFormatContext& context, InputInfo& info);

  // Where to begin reading, in seconds of the input's own clock: all that is needed to show the
  // part follows, if a keyframe is found there.
  double reading_from() const;
  // Reads from `next` (null: the end of the input) up to the part's beginning. What is to be read
  // first is in `held` then. False if there is no keyframe to begin with: begin earlier.
  using Next = std::function<std::shared_ptr<AVPacket>()>;
  bool lead_in(const Next& next, bool from_the_beginning);

  // The packets to read before those that follow.
  std::deque<std::shared_ptr<AVPacket>> held;

  // Moves a packet to the part's clock. False if it is not in the part, nor needed for it.
  bool place(AVPacket& packet);
  // Have all streams of pictures and sound passed the end?
  bool is_over() const;
  void restart();  // the input was moved to another position

  // Where the part begins on the input's clock, in ticks of a stream.
  std::int64_t start_in(const AVStream& stream) const;
  // What belongs to the part, on its own clock, in ticks of a stream, and of AV_TIME_BASE.
  Input::Ticks taken_in(const AVStream& stream) const;
  Input::Ticks taken() const;

 private:
  void trim_chapters();
  void describe(InputInfo& info) const;
  bool is_leading(std::size_t key) const;
  void drop_video_before(std::size_t key);

  AVFormatContext& context_;
  int video_;
  std::int64_t start_, end_;  // AV_TIME_BASE ticks of the input's clock; INT64_MAX: no end
  std::vector<bool> over_;    // by stream
};

}  // namespace quadrant
