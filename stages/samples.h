// SPDX-License-Identifier: MIT
// What the pixel stages share: names of planes and sample types, and two ways to fill the planes
// that a stage does not change.
#pragma once

#include <algorithm>
#include <cstdint>
#include <opencv2/core.hpp>
#include <string_view>

#include "pipeline/contract/stage.h"
#include "pipeline/error.h"

namespace quadrant {

inline constexpr int luma_plane = 0, alpha_plane = 3;
inline bool is_chroma(int plane) { return plane == 1 || plane == 2; }

inline int peak(const Format& f) { return (1 << f.pixels.depth()) - 1; }
inline int neutral_chroma(const Format& f) { return 1 << (f.pixels.depth() - 1); }
// Nominal black and white of luma: 16..235 of 256 in limited range, everything in full range.
inline int black(const Format& f) { return f.full_range() ? 0 : 16 << (f.pixels.depth() - 8); }
inline int white(const Format& f) {
  return f.full_range() ? peak(f) : 235 << (f.pixels.depth() - 8);
}

// A colour without chroma in plane `plane`: black, gray or white as nominal for the frame's range;
// alpha is opaque.
inline int nominal(const Format& f, int plane, std::string_view colour) {
  if (plane == alpha_plane) return peak(f);
  if (is_chroma(plane)) return neutral_chroma(f);
  if (colour == "white") return white(f);
  return colour == "gray" ? (black(f) + white(f) + 1) / 2 : black(f);
}

// Calls body(T()), where T is the type of the format's samples.
template <class Body>
void with_sample_type(const Format& f, Body body) {
  if (f.pixels.bytes_per_sample() == 1)
    body(std::uint8_t{});
  else
    body(std::uint16_t{});
}

// Lends rows of a tile to an OpenCV function as its output. Fails if the function allocates another
// array instead, as it does for an output of another size or type.
template <class Body>
void fill(cv::Mat rows, Body body) {
  const std::uint8_t* there = rows.data;
  body(rows);
  if (rows.data != there) fail(Fault::internal, "output was made somewhere else");
}

inline void copy_plane(const View& in, const Tile& out, int plane) {
  in.plane(plane, out.rows(plane)).copyTo(out.plane(plane));
}

// `rows` extended by `halo` on both sides, within the picture.
inline Rows grown(Rows rows, int halo, int height) {
  return {std::max(0, rows.begin - halo), std::min(height, rows.end + halo)};
}

// The same samples as a matrix without a parent, so that no function sees rows beyond them: at a
// region's edges some OpenCV functions read the neighbours and others do not.
inline cv::Mat alone(const cv::Mat& region) {
  return {region.rows, region.cols, region.type(), region.data, region.step};
}

}  // namespace quadrant
