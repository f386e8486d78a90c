// SPDX-License-Identifier: MIT
// Looks at pictures on their way, for whoever proves that all ways agree (pipeline/verify). Most
// sessions have no observer, and then nothing is called.
#pragma once

#include <cstdint>

#include "pipeline/media/segment.h"

namespace quadrant {

class View;

class Observer {
 public:
  virtual ~Observer() = default;
  // `rows` are what `index` (of InputMeter) just made of the frame at `pts`, in ticks of its time
  // base: a whole picture, or the rows that a stage fills for one strip. At the index `encode` it
  // is what the encoder is about to get. Called from any thread, by several at once; `rows` are
  // borrowed.
  virtual void on_frame(int index, std::int64_t pts, const View& rows) = 0;
};

// An observer as one part of an input has it: of pictures that are decoded only because the part's
// stages want to see them it hears nothing.
class FrameTap {
 public:
  FrameTap() = default;  // nobody looks
  FrameTap(Observer* observer, const Segment& segment) : observer_(observer), segment_(segment) {}

  explicit operator bool() const { return observer_ != nullptr; }
  void on_frame(int index, std::int64_t pts, const View& rows) const {
    if (observer_ && segment_.gives(pts)) observer_->on_frame(index, pts, rows);
  }

 private:
  Observer* observer_ = nullptr;
  Segment segment_;
};

}  // namespace quadrant
