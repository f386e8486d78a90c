// SPDX-License-Identifier: MIT
// The points where a picture is looked at: after decode, after each stage, before the encoder; and
// the rows in which it is seen there.
#pragma once

#include <opencv2/core/mat.hpp>
#include <string>
#include <vector>

#include "pipeline/plan/plan.h"

namespace quadrant {

class View;

struct TapPoint {
  int stage_index = 0;      // of InputMeter
  int stage = 0;            // counted from 1, conversions too; 0: no stage
  std::string name;         // "decode", "sharpen", "encode"
  Format format;            // of what is seen
  std::vector<Rows> tiles;  // as the plan makes them, with the margins that later stages read
  std::vector<Rows> seen;   // in all ways of running, each once: tiles, strips, the whole

  // Of a tile or a strip, for people: "tile 2 of 4 (rows 32 to 63)".
  std::string describe(Rows rows) const;
};

// In the order in which a picture passes them.
std::vector<TapPoint> tap_points(const Plan& plan);

// The samples of some rows, a matrix a plane.
using Samples = std::vector<cv::Mat>;
Samples copy_of(const View& rows);
std::uint64_t hash_of(const View& rows);

}  // namespace quadrant
