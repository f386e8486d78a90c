// SPDX-License-Identifier: MIT
// tonemap: HDR (PQ or HLG, ITU-R BT.2100) for screens of BT.709. In linear light, in this order:
//
//   1. coded values to light in cd/m2: PQ's table (SMPTE ST 2084), or HLG's inverse transfer with
//      its system gamma of 1.2 for a screen of 1000 cd/m2;
//   2. from the primaries of the input (BT.2020, or P3 where it is tagged so) to those of BT.709;
//      what lies outside of them is cut off;
//   3. the curve of ITU-R BT.2390-8, 5.4.1 (EETF: straight up to a knee, then a Hermite spline in
//      PQ's scale) from the source's `peak` to `white`, on the greatest of red, green and blue; the
//      other two are scaled with it, so hues stay;
//   4. relative to `white`, to coded values by the inverse of BT.1886 (a power of 1 / 2.4).
//
// `white` is the light of a sheet of paper in HDR, 203 cd/m2 (ITU-R BT.2408), which SDR calls
// white. Integers; functions are tables with steps that grow with their argument.
#include <bit>
#include <cmath>

#include "stages/rgb_bridge.h"

namespace quadrant {
namespace {

constexpr int light_bits = 30;  // of light; 1 is `white`
constexpr std::int64_t light_one = std::int64_t{1} << light_bits;

// A function of light, tabulated: 256 steps for each doubling.
class LightTable {
 public:
  LightTable() = default;
  template <class Function>
  LightTable(double most, Function f) {
    const auto last = static_cast<std::uint64_t>(most * static_cast<double>(light_one));
    for (std::size_t i = 0; start_of(i) <= last || values_.size() < 2; ++i)
      values_.push_back(
          std::llround(f(static_cast<double>(start_of(i)) / static_cast<double>(light_one))));
    values_.push_back(values_.back());
  }
  std::int64_t operator()(std::int64_t light) const {
    const auto v = static_cast<std::uint64_t>(std::max<std::int64_t>(light, 0));
    const int shift = shift_of(v);
    const std::size_t i = index_of(v, shift);
    if (i + 1 >= values_.size()) return values_.back();
    const auto beyond = static_cast<std::int64_t>(v & ((std::uint64_t{1} << shift) - 1));
    return values_[i] + (((values_[i + 1] - values_[i]) * beyond) >> shift);
  }

 private:
  static constexpr int log2_steps = 8;
  static int shift_of(std::uint64_t v) {
    return std::max(0, static_cast<int>(std::bit_width(v)) - log2_steps - 1);
  }
  static std::size_t index_of(std::uint64_t v, int shift) {
    return static_cast<std::size_t>(v >> shift) + (static_cast<std::size_t>(shift) << log2_steps);
  }
  static std::uint64_t start_of(std::size_t index) {
    constexpr std::size_t steps = std::size_t{1} << log2_steps;
    if (index < 2 * steps) return index;
    const std::size_t shift = index / steps - 1;
    return std::uint64_t{index - shift * steps} << shift;
  }
  std::vector<std::int64_t> values_;
};

// PQ's values for light in cd/m2, and back.
double pq_of(double light) {
  const double y = std::pow(std::max(light, 0.0) / 10000, 0.1593017578125);
  return std::pow((0.8359375 + 18.8515625 * y) / (1 + 18.6875 * y), 78.84375);
}
double light_of_pq(double value) {
  const double v = std::pow(value, 1 / 78.84375);
  return 10000 *
         std::pow(std::max(v - 0.8359375, 0.0) / (18.8515625 - 18.6875 * v), 1 / 0.1593017578125);
}
// HLG's scene light of a coded value, 0 to 1.
double scene_of_hlg(double v) {
  constexpr double a = 0.17883277, b = 0.28466892, c = 0.55991073;
  return v <= 0.5 ? v * v / 3 : (std::exp((v - c) / a) + b) / 12;
}

// Light that is shown for light of a source with this peak; all in cd/m2.
double compressed(double light, double peak, double white) {
  const double source = pq_of(peak), most = pq_of(white) / source;
  const double e = std::min(pq_of(light) / source, 1.0), knee = 1.5 * most - 0.5;
  if (e <= knee || most >= 1) return std::min(light, white);
  const double t = (e - knee) / (1 - knee), t2 = t * t, t3 = t2 * t;
  const double p =
      (2 * t3 - 3 * t2 + 1) * knee + (t3 - 2 * t2 + t) * (1 - knee) + (-2 * t3 + 3 * t2) * most;
  return light_of_pq(p * source);
}

using Matrix3 = std::array<std::array<double, 3>, 3>;
constexpr Matrix3 of_bt2020{{{1.660491, -0.587641, -0.072850},
                             {-0.124550, 1.132900, -0.008349},
                             {-0.018151, -0.100579, 1.118730}}};
constexpr Matrix3 of_p3{
    {{1.224940, -0.224940, 0}, {-0.042057, 1.042057, 0}, {-0.019638, -0.078636, 1.098274}}};
constexpr Matrix3 of_bt709{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};

class Tonemap final : public Stage {
 public:
  double peak_light = 1000, white = 203;
  std::string transfer = "auto";

  Format configure(const Format& in) override {
    constexpr int bt709 = 1, pq = 16, hlg = 18, p3 = 12;  // ITU-T H.273
    hlg_ = transfer == "hlg" || (transfer == "auto" && in.colour.transfer == hlg);
    if (transfer == "auto" && !hlg_ && in.colour.transfer != pq)
      fail(Fault::input,
           "the input is not tagged as PQ or HLG; transfer: pq or hlg says what it is, and a "
           "picture that is not HDR needs no tonemap");
    Format out = in;
    out.colour.primaries = out.colour.transfer = bt709;
    if (out.pixels.has_chroma()) out.colour.matrix = bt709;
    bridge_ = RgbBridge(in, out);
    set_matrix(in.colour.primaries == bt709 ? of_bt709
               : in.colour.primaries == p3  ? of_p3
                                            : of_bt2020);
    make_tables();
    return out;
  }

  void process(const Window& in, const Tile& out, State*) const override {
    bridge_.apply(in.now(), out, [this](const Rgb& v) { return mapped(v); });
  }

 private:
  static constexpr int matrix_bits = 20, ratio_bits = 24;

  void set_matrix(const Matrix3& m) {
    for (std::size_t i = 0; i < 3; ++i)
      for (std::size_t j = 0; j < 3; ++j)
        matrix_[i][j] = std::llround(m[i][j] * (1 << matrix_bits));
  }

  void make_tables() {
    const double unit = std::exp2(light_bits - rgb_bits);  // RgbTable counts in rgb_one
    constexpr double hlg_peak = 1000, hlg_gamma = 1.2;
    if (hlg_) {
      // Scene light, in light_one for the greatest; what is shown follows from the luminance.
      to_light_ = RgbTable([&](double v) { return scene_of_hlg(v) * unit; });
      shown_ = LightTable(1, [&](double y) {
        return std::pow(y, hlg_gamma - 1) * hlg_peak / white * (1 << ratio_bits);
      });
    } else {
      to_light_ = RgbTable([&](double v) { return light_of_pq(v) / white * unit; });
    }
    const double most = 2 * 10000 / white;  // the primaries of BT.709 need more than there is
    kept_ = LightTable(most, [&](double light) {
      const double made =
          light > 0 ? compressed(light * white, peak_light, white) / (light * white) : 1;
      return made * (1 << ratio_bits);
    });
    to_coded_ = LightTable(1, [&](double light) { return std::pow(light, 1 / 2.4) * rgb_one; });
  }

  Rgb mapped(const Rgb& v) const {
    std::array<std::int64_t, 3> light{to_light_(v.red), to_light_(v.green), to_light_(v.blue)};
    if (hlg_) {
      const std::int64_t y = (light[0] * 2627 + light[1] * 6780 + light[2] * 593) / 10000;
      const std::int64_t ratio = shown_(y);
      for (std::int64_t& each : light) each = (each * ratio) >> ratio_bits;
    }
    std::array<std::int64_t, 3> here{};
    for (std::size_t i = 0; i < 3; ++i) {
      std::int64_t sum = std::int64_t{1} << (matrix_bits - 1);
      for (std::size_t j = 0; j < 3; ++j) sum += light[j] * matrix_[i][j];
      here[i] = std::max<std::int64_t>(sum >> matrix_bits, 0);
    }
    const std::int64_t ratio = kept_(std::max({here[0], here[1], here[2]}));
    const auto coded = [&](std::int64_t each) {
      return to_coded_(std::min((each * ratio) >> ratio_bits, light_one));
    };
    return {coded(here[0]), coded(here[1]), coded(here[2])};
  }

  RgbBridge bridge_;
  bool hlg_ = false;
  std::array<std::array<std::int64_t, 3>, 3> matrix_{};
  RgbTable to_light_;
  LightTable shown_, kept_, to_coded_;
};

}  // namespace

StageInfo tonemap_stage() {
  return {.name = "tonemap",
          .summary = "Make SDR of HDR (PQ or HLG to BT.709)",
          .kind = "point",
          .params = {param("peak", &Tonemap::peak_light,
                           "the brightest light in the film, which becomes white")
                         .range(203, 10000)
                         .unit("cd/m2")
                         .shorthand(),
                     param("white", &Tonemap::white,
                           "light that is white in SDR; less makes the result lighter")
                         .range(80, 1000)
                         .unit("cd/m2"),
                     param("transfer", &Tonemap::transfer, "auto is as the input says")
                         .one_of({"auto", "pq", "hlg"})},
          .make = make_stage<Tonemap>};
}

}  // namespace quadrant
