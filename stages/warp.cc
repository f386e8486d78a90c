// SPDX-License-Identifier: MIT
#include "stages/warp.h"

#include <opencv2/imgproc.hpp>

namespace quadrant {
namespace {

constexpr int most_samples = 32'767;  // in a row or column: OpenCV's maps have 16 bits

int interpolation_of(const std::string& method) {
  if (method == "linear") return cv::INTER_LINEAR;
  return method == "cubic" ? cv::INTER_CUBIC : cv::INTER_LANCZOS4;
}

// From a column and row of the plane's samples to places in the picture (AVChromaLocation).
cv::Matx33d grid_of(const Format& f, int plane) {
  const int across = 1 << f.pixels.log2_width(plane), down = 1 << f.pixels.log2_height(plane);
  const bool is_left = f.colour.chroma_location == 1 || f.colour.chroma_location == 3 ||
                       f.colour.chroma_location == 5 ||
                       (f.colour.chroma_location == 0 && !f.full_range());
  const bool is_top = f.colour.chroma_location == 3 || f.colour.chroma_location == 4;
  const bool is_bottom = f.colour.chroma_location == 5 || f.colour.chroma_location == 6;
  const double x = is_left ? 0 : (across - 1) / 2.0;
  const double y = is_top ? 0 : is_bottom ? down - 1 : (down - 1) / 2.0;
  return {double(across), 0, x, 0, double(down), y, 0, 0, 1};
}

}  // namespace

Warp::Warp(const Format& in, const Format& out, Places places, const std::string& method,
           std::string colour)
    : in_(in),
      out_(out),
      places_(std::move(places)),
      interpolation_(interpolation_of(method)),
      colour_(std::move(colour)) {
  for (const Format& f : {in, out})
    if (std::max(f.width, f.height) > most_samples)
      fail(Fault::input, "{}x{} is too large for this stage, which takes up to {} samples a side",
           f.width, f.height, most_samples);
}

void Warp::make_maps() const {
  for (int plane = 0; plane < std::min(2, out_.pixels.planes()); ++plane) {
    const cv::Size size(out_.plane_width(plane), out_.plane_height(plane));
    cv::Mat x, y;
    places_(grid_of(out_, plane), size, x, y);
    const cv::Matx33d grid = grid_of(in_, plane);
    x = (x - grid(0, 2)) / grid(0, 0);
    y = (y - grid(1, 2)) / grid(1, 1);
    Map& map = maps_.emplace_back();
    cv::convertMaps(x, y, map.whole, map.fraction, CV_16SC2);
  }
}

void Warp::rows(const View& in, const Tile& out) const {
  std::call_once(once_, [this] { make_maps(); });
  for (int p = 0; p < out.planes(); ++p) {
    const Rows rows = out.rows(p);
    const Map& map = map_of(p);
    const bool goes_on = colour_ == "edge";
    const double outside = goes_on ? 0 : nominal(out_, p, colour_);
    fill(out.plane(p), [&](cv::Mat& to) {
      cv::remap(in.plane(p), to, map.whole.rowRange(rows.begin, rows.end),
                map.fraction.rowRange(rows.begin, rows.end), interpolation_,
                goes_on ? cv::BORDER_REPLICATE : cv::BORDER_CONSTANT, cv::Scalar::all(outside));
      // Cubic and Lanczos overshoot; OpenCV limits to the type, not to the depth.
      if (out_.pixels.bytes_per_sample() == 2) cv::min(to, peak(out_), to);
    });
  }
}

Warp::Places places_by(const cv::Matx33d& matrix) {
  return [matrix](const cv::Matx33d& to_output, cv::Size size, cv::Mat& x, cv::Mat& y) {
    const cv::Matx33d m = matrix * to_output;
    x.create(size, CV_32FC1);
    y.create(size, CV_32FC1);
    for (int row = 0; row < size.height; ++row)
      for (int column = 0; column < size.width; ++column) {
        const cv::Vec3d at = m * cv::Vec3d(column, row, 1);
        // A place behind the viewer is nowhere in the picture.
        const bool is_there = at[2] > 1e-9;
        x.at<float>(row, column) = static_cast<float>(is_there ? at[0] / at[2] : -1e6);
        y.at<float>(row, column) = static_cast<float>(is_there ? at[1] / at[2] : -1e6);
      }
  };
}

}  // namespace quadrant
