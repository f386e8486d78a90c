// SPDX-License-Identifier: MIT
// A picture with transparency that is laid over frames, prepared once for all of them.
//
// A picture of a file is converted to the matrix, range and depth of the frames, at full chroma
// resolution, and only there multiplied by its alpha. Scaling and the reduction of the chroma work
// on the multiplied samples, so what lies invisible under transparent samples cannot colour the
// edge. On a frame each plane is then
//
//   out = in * (1 - alpha) + multiplied
//
// in integers, with the chroma's alpha the mean of what it covers. Frames that have alpha of their
// own stay straight (not multiplied), and their alpha becomes that of both (Porter and Duff's
// over).
#pragma once

#include <vector>

#include "stages/samples.h"

namespace quadrant {

// Rows of numbers.
struct Sheet {
  int width = 0, height = 0;
  std::vector<double> values;

  Sheet(int columns, int rows, double value = 0)
      : width(columns),
        height(rows),
        values(static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows), value) {}
  double& at(int x, int y) { return values[index(x, y)]; }
  double at(int x, int y) const { return values[index(x, y)]; }

 private:
  std::size_t index(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
           static_cast<std::size_t>(x);
  }
};

// By a triangle as wide as a sample of the coarser of the two.
Sheet resized(const Sheet& in, int width, int height);

struct Multiplied {
  // Luma, cb, cr, each times alpha, and alpha, which is 1 where opaque.
  std::vector<Sheet> sheets;
  int width() const { return sheets[0].width; }
  int height() const { return sheets[0].height; }
  void resize(int columns, int rows) {
    for (Sheet& s : sheets) s = resized(s, columns, rows);
  }
};

// In the matrix, range and depth of `like`. Throws Error(input) if the picture cannot be converted.
Multiplied multiplied(const Frame& picture, const Format& like);

class Layer {
 public:
  Layer() = default;
  // `picture` was made for frames of `format`; its first sample lies on sample `left`, `top`, which
  // may be outside, as may parts of it.
  Layer(const Format& format, const Multiplied& picture, int left, int top, double opacity);

  // Fills `out` with `in` under the picture.
  void apply(const View& in, const Tile& out) const;

 private:
  struct Part {  // of a plane, in its own grid
    int x = 0, width = 0;
    Rows rows;
    std::vector<std::uint16_t> alphas;      // 65535 is opaque
    std::vector<std::uint32_t> multiplied;  // sample * alpha, in 2^-16
    std::size_t index(int row) const {
      return static_cast<std::size_t>(row - rows.begin) * static_cast<std::size_t>(width);
    }
    Rows within(Rows tile) const {
      const int begin = std::max(rows.begin, tile.begin);
      return {begin, std::max(begin, std::min(rows.end, tile.end))};
    }
  };

  Part part(const Format& format, int plane, const Multiplied& picture, int left, int top,
            double opacity) const;
  template <class T>
  void over(const Tile& out, int plane) const;
  template <class T>
  void over_alpha(const View& in, const Tile& out, int plane) const;

  std::vector<Part> parts_;  // by plane
};

}  // namespace quadrant
