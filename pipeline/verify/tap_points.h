// SPDX-License-Identifier: MIT
// The tap points: after decode, after each stage, before the encoder; and the rows in which a
// picture is seen there.
#pragma once

#include <opencv2/core/mat.hpp>
#include <string>
#include <vector>

#include "pipeline/plan/plan.h"

namespace quadrant {

class View;

struct TapPoint {
  int stage_index = 0;      // of InputMeter
  int stage = 0;            // from 1, conversions included; 0: not a stage
  std::string name;         // "decode", "sharpen", "encode"
  Format format;            // of the pictures seen
  std::vector<Rows> tiles;  // as the plan makes them, with the margins that later stages read
  std::vector<Rows> seen;   // each distinct range of rows in any run: tiles, strips, the whole

  // A tile or strip for display: "tile 2 of 4 (rows 32 to 63)".
  std::string describe(Rows rows) const;
};

// In the order of the data flow.
std::vector<TapPoint> tap_points(const Plan& plan);

// The samples of some rows, one matrix per plane.
using Samples = std::vector<cv::Mat>;
Samples copy_of(const View& rows);
std::uint64_t hash_of(const View& rows);

}  // namespace quadrant
