// SPDX-License-Identifier: MIT
// vignette: darkens towards the corners by the cosine's fourth power, as a lens does, or lightens
// to undo that. The formula is that of libavfilter's vignette: cos(angle * d)^4, where d is the
// distance from the centre and 1 half the diagonal. Luma is scaled around black, chroma around
// neutral.
//
// Integers: the factor is a table over the square of the distance, interpolated, so a row needs no
// root and no cosine.
#include <cmath>
#include <numbers>
#include <vector>

#include "stages/samples.h"

namespace quadrant {
namespace {

constexpr int falloff_bits = 16, falloff_log2 = 12;  // of a factor; of the table's size
constexpr double least_falloff = 1.0 / 16;           // undoing it never does more than 16 times

class Vignette final : public Stage {
 public:
  double angle = 36, x = 0.5, y = 0.5;
  std::string direction = "darken";

  Format configure(const Format& in) override {
    table_.clear();
    constexpr int size = 1 << falloff_log2;
    for (int i = 0; i <= size + 1; ++i) table_.push_back(factor(std::sqrt(4.0 * i / size)));
    // With the centre in a corner, the opposite one is twice half the diagonal away: the table ends
    // at its square, 4.
    const double diagonal = std::hypot(in.width, in.height) * steps / 2;
    unit_ = static_cast<std::uint64_t>(std::exp2(place_bits + falloff_log2) /
                                       (4 * diagonal * diagonal));
    centre_x_ = std::lround(steps * x * in.width), centre_y_ = std::lround(steps * y * in.height);
    return in;
  }

  void process(const Window& in, const Tile& out, State*) const override {
    for (int p = 0; p < out.planes(); ++p)
      if (p == alpha_plane)
        copy_plane(in.now(), out, p);
      else
        with_sample_type(out.format(), [&](auto t) { shade<decltype(t)>(in.now(), out, p); });
  }

 private:
  static constexpr int place_bits = 50, steps = 32;  // of distances: in 1/32 of a luma sample

  std::int64_t factor(double distance) const {
    const double c = std::cos(std::min(distance * angle / 180, 0.5) * std::numbers::pi);
    double f = c * c * c * c;
    if (direction == "lighten") f = 1 / std::max(f, least_falloff);
    return std::llround(f * (1 << falloff_bits));
  }

  // Of a sample's middle from the centre.
  static std::int64_t distance(int at, int log2_step, std::int64_t centre) {
    return (((2 * std::int64_t{at} + 1) << log2_step) * steps / 2) - centre;
  }

  std::int64_t at(std::int64_t squared) const {
    constexpr int shift = place_bits - 16;
    const std::uint64_t place = (static_cast<std::uint64_t>(squared) * unit_) >> shift;
    const std::size_t i = std::min<std::size_t>(place >> 16, table_.size() - 2);
    const auto beyond = static_cast<std::int64_t>(place & 0xffff);
    return table_[i] + (((table_[i + 1] - table_[i]) * beyond) >> 16);
  }

  template <class T>
  void shade(const View& in, const Tile& out, int plane) const {
    const Format& f = out.format();
    const Rows rows = out.rows(plane);
    const cv::Mat from = in.plane(plane, rows);
    cv::Mat to = out.plane(plane);
    const int base = is_chroma(plane) ? neutral_chroma(f) : black(f), top = peak(f);
    const int log2_width = f.pixels.log2_width(plane);
    for (int row = 0; row < to.rows; ++row) {
      const std::int64_t dy = distance(rows.begin + row, f.pixels.log2_height(plane), centre_y_);
      const T* a = from.ptr<T>(row);
      T* b = to.ptr<T>(row);
      for (int column = 0; column < to.cols; ++column) {
        const std::int64_t dx = distance(column, log2_width, centre_x_);
        const std::int64_t v = (a[column] - base) * at(dx * dx + dy * dy);
        b[column] = static_cast<T>(std::clamp<std::int64_t>(
            base + ((v + (1 << (falloff_bits - 1))) >> falloff_bits), 0, top));
      }
    }
  }

  std::vector<std::int64_t> table_;
  std::uint64_t unit_ = 0;
  std::int64_t centre_x_ = 0, centre_y_ = 0;
};

}  // namespace

StageInfo vignette_stage() {
  return {
      .name = "vignette",
      .summary = "Darken the corners, or lighten those that a lens has darkened",
      .kind = "point",
      .params =
          {param("angle", &Vignette::angle,
                 "from the axis of the lens to a corner; more is stronger, 0 changes "
                 "nothing")
               .range(0, 90)
               .unit("degrees")
               .shorthand(),
           param("x", &Vignette::x, "of the centre: 0 is the left edge, 1 the right").range(0, 1),
           param("y", &Vignette::y, "of the centre: 0 is the top edge, 1 the bottom").range(0, 1),
           param("direction", &Vignette::direction,
                 "lighten undoes what darken does, up to 16 times")
               .one_of({"darken", "lighten"})},
      .make = make_stage<Vignette>};
}

}  // namespace quadrant
