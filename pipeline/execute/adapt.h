// SPDX-License-Identifier: MIT
// Brings a decoded frame to the planned source format. Almost always there is nothing to do, but a
// stream may change its size midway, and a decoder may store pictures bottom up, or give a part of
// a larger one; neither the stages nor the encoder are planned for that.
#pragma once

#include <optional>
#include <string>

#include "pipeline/config/picture_rules.h"
#include "pipeline/contract/frame.h"
#include "pipeline/contract/orientation.h"
#include "pipeline/media/filter_graph.h"

namespace quadrant {

struct Plan;

class Adapt {
 public:
  explicit Adapt(const Plan& plan);
  // Throws Error(input) on a change, if that is what the job wants.
  Frame operator()(Frame frame);
  // What was done with the last frame; "" if it is as planned.
  const std::string& change() const { return change_; }

 private:
  Frame changed(Frame frame, Orientation turn);
  Frame scaled(const Frame& frame, int width, int height);

  FramePool pool_;
  OnChange on_change_;
  Orientation orientation_;  // for which the stages are planned
  bool each_its_own_;        // the pictures tell theirs
  std::string change_;
  Format scaled_from_;
  std::optional<FilterGraph> scale_;  // from that format
};

}  // namespace quadrant
