// SPDX-License-Identifier: MIT
// What a picture looks like: the values carried by a link between two stages. Plain values: no
// libav type appears here, but the numbers are libav's own, so nothing is lost in conversion.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace quadrant {

struct Rational {
  int num = 0, den = 1;
  double value() const { return den == 0 ? 0.0 : static_cast<double>(num) / den; }
  friend bool operator==(const Rational&, const Rational&) = default;
};

// A pixel format of libavutil (AVPixelFormat), with what stages need to know about it.
class PixelFormat {
 public:
  PixelFormat() = default;  // none
  explicit PixelFormat(int av_pixel_format) : value_(av_pixel_format) {}
  // By libavutil's name, e.g. "yuv420p10le"; none if the name is unknown.
  static PixelFormat named(std::string_view name);

  int value() const { return value_; }
  std::string name() const;
  bool none() const { return value_ < 0; }

  int planes() const;
  int depth() const;  // bits of the deepest component
  int bytes_per_sample() const { return depth() > 8 ? 2 : 1; }
  bool has_chroma() const;  // YUV with chroma planes
  bool has_alpha() const;
  bool is_rgb() const;
  int log2_chroma_width() const;  // chroma plane width = ceil(width / 2^this)
  int log2_chroma_height() const;
  // Subsampling of plane `plane`: 0 for luma and alpha, log2_chroma_* for chroma.
  int log2_width(int plane) const;
  int log2_height(int plane) const;
  // Bytes in one row of a plane of a picture `width` samples wide, without padding.
  int row_bytes(int plane, int width) const;

  // True for the formats that stages process natively: gray or planar YUV (with or without alpha),
  // 8 to 16 bits, samples in the low bits of native-endian words. All others are converted.
  bool planar() const;
  // All planar() formats of the installed libavutil.
  static std::vector<PixelFormat> all_planar();
  // The planar() format that loses the least of this one (av_find_best_pix_fmt_of_2).
  PixelFormat nearest_planar() const;

  friend bool operator==(PixelFormat, PixelFormat) = default;

 private:
  int value_ = -1;
};

// Code points of ITU-T H.273, as in AVColorPrimaries etc. 2 is "unspecified" and stays unspecified
// in the output: only internal conversions guess.
struct Colour {
  int range = 0;  // 0 unspecified, 1 limited (tv), 2 full (pc), as AVColorRange
  int primaries = 2;
  int transfer = 2;
  int matrix = 2;
  int chroma_location = 0;  // AVChromaLocation: 0 unspecified, 1 left, 2 centre, 3 top left ...
  friend bool operator==(const Colour&, const Colour&) = default;
};

struct Format {
  PixelFormat pixels;
  int width = 0, height = 0;  // luma samples
  Rational sample_aspect;     // 0/1: unknown
  Colour colour;
  Rational time_base;         // seconds per tick of pts
  Rational frame_rate;        // nominal; 0/1: unknown or variable
  double end_seconds = 0;     // when the input ends, by its container; 0: unknown. In plans only
  int field_order = 0;        // AVFieldOrder: 0 unknown, 1 progressive, 2 top field first ...
  bool turned = false;        // a stage rotated the picture, so players must not
  bool deinterlaced = false;  // a stage made whole pictures of fields
  bool opaque = false;        // it has alpha, but no sample of the first picture is transparent

  int plane_width(int plane) const;   // samples; odd sizes round up
  int plane_height(int plane) const;  // rows
  bool interlaced() const { return field_order > 1; }
  // Full-range samples (0..2^depth-1)? Unspecified range means limited for YUV, full for RGB and
  // for gray tagged as yuvj.
  bool full_range() const;
  // tells_matrix(): is there a YUV matrix, and is it specified? likely_matrix(): the matrix usually
  // assumed for this picture size if it is not.
  bool tells_matrix() const;
  int likely_matrix() const;
  std::int64_t bytes() const;    // all planes, without padding
  std::string describe() const;  // "yuv420p 1920x1080 bt709 limited 25 fps"
  // This picture in another pixel format: range and matrix stay unless only one of the two formats
  // has them. For RGB converted to YUV the likely matrix is set, which is no guess: the conversion
  // uses it.
  Format as(PixelFormat other) const;
  // Are both YUV by the same coefficients, told or likely? True where one of them is RGB or grey.
  bool same_matrix(const Format& other) const;
  // Same memory layout and meaning of samples (not time): no conversion is needed between the two.
  bool same_picture(const Format& other) const;
};

}  // namespace quadrant
