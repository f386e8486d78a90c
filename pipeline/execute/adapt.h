// SPDX-License-Identifier: MIT
// Brings a decoded frame to the planned source format. Almost always there is nothing to do, but a
// stream may change its size midway, and a decoder may store pictures bottom up; neither the stages
// nor the encoder are planned for that.
#pragma once

#include <memory>
#include <optional>

#include "pipeline/contract/frame.h"

namespace quadrant {

class Adapt {
 public:
  explicit Adapt(const Format& planned) : pool_(planned) {}
  Frame operator()(Frame frame);

 private:
  FramePool pool_;
};

}  // namespace quadrant
