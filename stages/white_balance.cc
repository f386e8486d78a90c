// SPDX-License-Identifier: MIT
// white_balance: a gain for each of red, green and blue, in linear light. The display's transfer is
// a power of 2.4 (ITU-R BT.1886), so a gain g of the light is a gain g^(1/2.4) of the coded value:
// the stage is linear, and no colour is clipped on the way.
//
// `temperature` is that of the light under which was filmed: what was white there becomes white.
// The light's colour is that of a black body after Kim et al. (US patent 7024034, 1667 to 25000 K),
// in the primaries of BT.709, or BT.2020 if the picture is tagged so; the gains keep the luminance
// of grey. 6500 K and gains of 1 change nothing.
#include <cmath>

#include "stages/rgb_bridge.h"

namespace quadrant {
namespace {

constexpr double neutral_temperature = 6500, display_gamma = 2.4;
constexpr int gain_bits = 16;

struct Triple {
  double red = 1, green = 1, blue = 1;
};

// Linear light of a black body, of any strength.
Triple light_of(double kelvin, bool wide) {
  const double t = 1000 / kelvin;
  const double x = kelvin <= 4000
                       ? -0.2661239 * t * t * t - 0.2343589 * t * t + 0.8776956 * t + 0.179910
                       : -3.0258469 * t * t * t + 2.1070379 * t * t + 0.2226347 * t + 0.240390;
  const double cube = x * x * x, square = x * x;
  double y = 3.0817580 * cube - 5.87338670 * square + 3.75112997 * x - 0.37001483;
  if (kelvin <= 4000) y = -0.9549476 * cube - 1.37418593 * square + 2.09137015 * x - 0.16748867;
  if (kelvin <= 2222) y = -1.1063814 * cube - 1.34811020 * square + 2.18555832 * x - 0.20219683;
  const double X = x / y, Z = (1 - x - y) / y;
  if (wide)
    return {1.7166512 * X - 0.3556708 - 0.2533663 * Z, -0.6666844 * X + 1.6164812 + 0.0157685 * Z,
            0.0176399 * X - 0.0427706 + 0.9421031 * Z};
  return {3.2404542 * X - 1.5371385 - 0.4985314 * Z, -0.9692660 * X + 1.8760108 + 0.0415560 * Z,
          0.0556434 * X - 0.2040259 + 1.0572252 * Z};
}

// That turn light of this temperature into that of the neutral one.
Triple gains_against(double kelvin, bool wide) {
  constexpr double least = 0.02;  // very warm light has no blue in these primaries
  const Triple from = light_of(kelvin, wide), to = light_of(neutral_temperature, wide);
  return {to.red / std::max(least, from.red), to.green / std::max(least, from.green),
          to.blue / std::max(least, from.blue)};
}

class WhiteBalance final : public Stage {
 public:
  double red = 1, green = 1, blue = 1, temperature = neutral_temperature;

  Format configure(const Format& in) override {
    constexpr int bt2020 = 9;
    bridge_ = RgbBridge(in);
    const bool wide = in.colour.primaries == bt2020;
    const Triple g = gains_against(temperature, wide);
    const double kr = wide ? 0.2627 : 0.2126, kb = wide ? 0.0593 : 0.0722;
    const double luminance = kr * g.red + (1 - kr - kb) * g.green + kb * g.blue;
    red_ = coded(red * g.red / luminance);
    green_ = coded(green * g.green / luminance);
    blue_ = coded(blue * g.blue / luminance);
    return in;
  }

  void process(const Window& in, const Tile& out, State*) const override {
    bridge_.apply(in.now(), out, [this](const Rgb& v) {
      return Rgb{times(v.red, red_), times(v.green, green_), times(v.blue, blue_)};
    });
  }

 private:
  static std::int64_t coded(double gain) {
    return std::llround(std::pow(gain, 1 / display_gamma) * (1 << gain_bits));
  }
  static std::int64_t times(std::int64_t v, std::int64_t gain) {
    return (v * gain + (1 << (gain_bits - 1))) >> gain_bits;
  }

  RgbBridge bridge_;
  std::int64_t red_ = 0, green_ = 0, blue_ = 0;
};

}  // namespace

StageInfo white_balance_stage() {
  const auto gain = [](std::string_view name, double WhiteBalance::*member, std::string_view help) {
    return param(name, member, help).range(0, 8);
  };
  return {.name = "white_balance",
          .summary = "Correct a colour cast by the light's temperature or by gains",
          .kind = "point",
          .params = {param("temperature", &WhiteBalance::temperature,
                           "of the light under which was filmed: 3200 is a light bulb, 6500 "
                           "daylight, which changes nothing")
                         .range(1700, 25000)
                         .unit("K")
                         .shorthand(),
                     gain("red", &WhiteBalance::red, "factor on the light of red"),
                     gain("green", &WhiteBalance::green, "factor on the light of green"),
                     gain("blue", &WhiteBalance::blue, "factor on the light of blue")},
          .make = make_stage<WhiteBalance>};
}

}  // namespace quadrant
