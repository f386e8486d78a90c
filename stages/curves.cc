// SPDX-License-Identifier: MIT
// curves: tone curves through points that the user names, "0/0 0.3/0.2 1/1" as in libavfilter's
// curves: x and y from 0 (black) to 1 (white). One for the luma, which is a table and quick; and
// one for each of red, green and blue, which come first (rgb_bridge.h).
//
// Between the points: `monotone` is the cubic of Fritsch and Carlson (SIAM J. Numer. Anal. 17,
// 1980), the default, since it neither overshoots nor turns back between two points, so tones never
// change their order. `natural` is the natural cubic spline, which FFmpeg's curves uses. Before the
// first and after the last point the curve is level, as in FFmpeg.
//
// Black and white are the nominal ones of the frame's range.
#include <cmath>
#include <cstdlib>

#include "stages/lookup.h"
#include "stages/rgb_bridge.h"

namespace quadrant {
namespace {

struct CurvePoint {
  double x = 0, y = 0;
};

class ToneCurve {
 public:
  ToneCurve(std::vector<CurvePoint> points, bool natural) : points_(std::move(points)) {
    slopes_ = natural ? natural_slopes() : monotone_slopes();
  }

  // Cubic Hermite between the two points around x.
  double operator()(double x) const {
    if (x <= points_.front().x) return points_.front().y;
    if (x >= points_.back().x) return points_.back().y;
    std::size_t i = 0;
    while (x > points_[i + 1].x) ++i;
    const double h = width(i), t = (x - points_[i].x) / h, s = 1 - t;
    const double y = s * s * (1 + 2 * t) * points_[i].y + t * t * (3 - 2 * t) * points_[i + 1].y +
                     h * t * s * (s * slopes_[i] - t * slopes_[i + 1]);
    return std::clamp(y, 0.0, 1.0);
  }

 private:
  double width(std::size_t i) const { return points_[i + 1].x - points_[i].x; }
  double rise(std::size_t i) const { return (points_[i + 1].y - points_[i].y) / width(i); }

  std::vector<double> monotone_slopes() const {
    const std::size_t n = points_.size();
    std::vector<double> m(n, 0);
    if (n < 2) return m;
    m.front() = rise(0), m.back() = rise(n - 2);
    for (std::size_t i = 1; i + 1 < n; ++i)
      m[i] = rise(i - 1) * rise(i) <= 0 ? 0 : (rise(i - 1) + rise(i)) / 2;
    for (std::size_t i = 0; i + 1 < n; ++i) {
      if (rise(i) == 0) {
        m[i] = m[i + 1] = 0;
        continue;
      }
      const double length = std::hypot(m[i] / rise(i), m[i + 1] / rise(i));
      if (length > 3) m[i] *= 3 / length, m[i + 1] *= 3 / length;
    }
    return m;
  }

  // Second derivatives are equal on both sides of each point, and 0 at the ends: three unknown
  // slopes a row, solved from the first to the last.
  std::vector<double> natural_slopes() const {
    const std::size_t n = points_.size();
    std::vector<double> m(n, 0), upper(n, 0);
    if (n < 2) return m;
    upper[0] = 0.5, m[0] = 1.5 * rise(0);
    for (std::size_t i = 1; i < n; ++i) {
      const bool last = i + 1 == n;
      const double below = 1 / width(i - 1), above = last ? 0 : 1 / width(i);
      const double right = 3 * (rise(i - 1) * below + (last ? 0 : rise(i) * above));
      const double pivot = 2 * (below + above) - below * upper[i - 1];
      upper[i] = above / pivot;
      m[i] = (right - below * m[i - 1]) / pivot;
    }
    for (std::size_t i = n - 1; i-- > 0;) m[i] -= upper[i] * m[i + 1];
    return m;
  }

  std::vector<CurvePoint> points_;
  std::vector<double> slopes_;
};

// Reads a number from 0 to 1 and moves `at` behind it.
bool read_unit(const char*& at, double& value) {
  char* end = nullptr;
  value = std::strtod(at, &end);
  const bool read = end != at && value >= 0 && value <= 1;
  at = end;
  return read;
}

std::vector<CurvePoint> points_of(const char* key, const std::string& text) {
  std::vector<CurvePoint> points;
  const char* at = text.c_str();
  const auto skip_spaces = [&] {
    while (*at == ' ') ++at;
  };
  for (skip_spaces(); *at != '\0'; skip_spaces()) {
    CurvePoint p;
    if (!read_unit(at, p.x) || *at++ != '/' || !read_unit(at, p.y) || (*at != ' ' && *at != '\0'))
      fail(Fault::usage,
           "{} must be points X/Y of numbers from 0 to 1, such as \"0/0 0.5/0.6 1/1\", not \"{}\"",
           key, text);
    if (!points.empty() && p.x <= points.back().x)
      fail(Fault::usage, "{}: the points of a curve must go from left to right, but {} follows {}",
           key, p.x, points.back().x);
    points.push_back(p);
  }
  return points;
}

class Curves final : public Stage {
 public:
  std::string luma, red, green, blue, interpolation = "monotone";

  Format configure(const Format& in) override {
    red_ = table("red", red), green_ = table("green", green), blue_ = table("blue", blue);
    colours_ = !red_.empty() || !green_.empty() || !blue_.empty();
    if (colours_) bridge_ = RgbBridge(in);
    const double low = black(in), span = white(in) - black(in);
    if (const auto points = points_of("luma", luma); !points.empty()) {
      const ToneCurve curve(points, interpolation == "natural");
      luma_ = LookupTable(in, [&](int v) { return low + span * curve((v - low) / span); });
      has_luma_ = true;
    }
    return in;
  }

  void process(const Window& in, const Tile& out, State*) const override {
    if (colours_)
      bridge_.apply(in.now(), out, [this](const Rgb& v) {
        return Rgb{red_(v.red), green_(v.green), blue_(v.blue)};
      });
    else
      for (int p = has_luma_ ? 1 : 0; p < out.planes(); ++p) copy_plane(in.now(), out, p);
    if (has_luma_) luma_.apply(colours_ ? out : in.now(), out, luma_plane);
  }

 private:
  RgbTable table(const char* key, const std::string& text) const {
    const auto points = points_of(key, text);
    return points.empty() ? RgbTable() : RgbTable(ToneCurve(points, interpolation == "natural"));
  }

  RgbTable red_, green_, blue_;
  RgbBridge bridge_;
  LookupTable luma_;
  bool colours_ = false, has_luma_ = false;
};

}  // namespace

StageInfo curves_stage() {
  return {.name = "curves",
          .summary = "Set tone curves of the luma, or of red, green and blue",
          .kind = "point",
          .params = {param("luma", &Curves::luma,
                           "points X/Y from 0 to 1, such as \"0/0 0.3/0.25 0.7/0.78 1/1\"; empty: "
                           "unchanged")
                         .shorthand(),
                     param("red", &Curves::red, "the same of red; applied before the luma's"),
                     param("green", &Curves::green, "the same of green"),
                     param("blue", &Curves::blue, "the same of blue"),
                     param("interpolation", &Curves::interpolation,
                           "between the points: monotone never overshoots, natural is the spline "
                           "of FFmpeg's curves")
                         .one_of({"monotone", "natural"})},
          .make = make_stage<Curves>};
}

}  // namespace quadrant
