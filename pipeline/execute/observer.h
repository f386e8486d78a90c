// SPDX-License-Identifier: MIT
// Sees pictures between nodes, for the proof that all modes agree (pipeline/verify). Most sessions
// have no observer, and then nothing is called.
#pragma once

#include <cstdint>

#include "pipeline/contract/view.h"
#include "pipeline/media/segment.h"

namespace quadrant {

class Observer {
 public:
  virtual ~Observer() = default;
  // `rows` are what `index` (of InputMeter) just made of the frame at `pts`, in ticks of the
  // frame's time base: a whole picture, or the rows that a stage fills for one strip. At index
  // `encode` they are what the encoder receives next. Called from any thread, several at once;
  // `rows` are borrowed.
  virtual void on_frame(int index, std::int64_t pts, const View& rows) = 0;
};

// An observer limited to one segment: it does not see frames that are decoded only because the
// segment's stages read them.
class FrameTap {
 public:
  FrameTap() = default;  // no observer
  // `time_base`: of the segment's times.
  FrameTap(Observer* observer, const Segment& segment, Rational time_base)
      : observer_(observer), segment_(segment), time_base_(time_base) {}

  explicit operator bool() const { return observer_ != nullptr; }
  void on_frame(int index, std::int64_t pts, const View& rows) const {
    if (observer_ && in_ticks_of(segment_, time_base_, rows.format().time_base).gives(pts))
      observer_->on_frame(index, pts, rows);
  }

 private:
  Observer* observer_ = nullptr;
  Segment segment_;
  Rational time_base_;
};

}  // namespace quadrant
