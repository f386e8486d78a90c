// SPDX-License-Identifier: MIT
// Moves the samples of a picture to other places: rotation by any angle, perspective, lenses.
//
// Places count luma samples, from the centre of the first one; those of the chroma lie where the
// format says, so colours stay with their shapes. Samples between samples are OpenCV's (remap), to
// a 32nd of a sample; beyond the picture there is a colour. The map is the same for all frames and
// made with the first.
#pragma once

#include <functional>
#include <mutex>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "stages/samples.h"

namespace quadrant {

class Warp {
 public:
  // Fills `x` and `y` (32-bit floats of `size`) with the places in the input of a grid of samples:
  // `to_output` takes a column and row of the grid to a place in the output.
  using Places =
      std::function<void(const cv::Matx33d& to_output, cv::Size size, cv::Mat& x, cv::Mat& y)>;

  // `method`: linear, cubic or lanczos. `colour`, of what is beyond the picture: black, gray,
  // white, or edge, the nearest of it. Throws Error(input) if the picture is too large for OpenCV's
  // maps.
  Warp(const Format& in, const Format& out, Places places, const std::string& method,
       std::string colour);
  void rows(const View& in, const Tile& out) const;  // thread-safe

 private:
  struct Map {
    cv::Mat whole, fraction;  // OpenCV's fixed-point form
  };
  void make_maps() const;
  const Map& map_of(int plane) const { return maps_[is_chroma(plane) ? 1 : 0]; }

  Format in_, out_;
  Places places_;
  int interpolation_;
  std::string colour_;
  mutable std::once_flag once_;
  mutable std::vector<Map> maps_;  // of luma and alpha, and of chroma
};

// By a matrix from places in the output to places in the input.
Warp::Places places_by(const cv::Matx33d& matrix);

}  // namespace quadrant
