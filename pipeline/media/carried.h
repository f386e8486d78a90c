// SPDX-License-Identifier: MIT
// What pictures carry besides their samples: captions, HDR10+, timecodes. The plan looks at the
// first picture, and what begins later is found while decoding.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "pipeline/media/output_plan.h"

namespace quadrant {

class Frame;

class CarriedLater {
 public:
  explicit CarriedLater(const OutputPlan& plan);
  // What the encoder does not write of what `frame` carries, where no picture carried it so far.
  // The encoder is tried, once for each kind.
  std::vector<std::string> lost_with(const Frame& frame);

 private:
  OutputPlan plan_;
  std::set<int> seen_;  // AVFrameSideDataType
};

}  // namespace quadrant
