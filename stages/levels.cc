// SPDX-License-Identifier: MIT
// levels: brightness, contrast and gamma by one table on luma. The formula is that of libavfilter's
// eq (contrast around the middle, then brightness, then gamma), but on the nominal range: in
// limited range 16..235 of 256 are 0..1, so contrast has the true middle as its centre, and gamma
// does not change black and white. eq uses all 256 values, whatever the range.
//
// Excursions (blacker than black, whiter than white) are part of a legal signal and are kept: the
// power function continues above white and is mirrored below black. Only the limits of the sample
// format clip. Neutral parameters leave every sample unchanged. Chroma and alpha are copied: to the
// eye colour follows brightness, and saturation is a stage of its own.
#include <cmath>

#include "stages/lookup.h"

namespace quadrant {
namespace {

double power(double v, double exponent) {
  return v < 0 ? -std::pow(-v, exponent) : std::pow(v, exponent);
}

class Levels final : public Stage {
 public:
  double brightness = 0, contrast = 1, gamma = 1;

  Format configure(const Format& in) override {
    const double low = black(in), span = white(in) - black(in);
    table_ = LookupTable(in, [&](int sample) {
      const double v = (sample - low) / span;
      return low + span * power((v - 0.5) * contrast + 0.5 + brightness, 1 / gamma);
    });
    return in;
  }

  void process(const Window& in, const Tile& out, State*) const override {
    table_.apply(in.now(), out, luma_plane);
    for (int p = 1; p < out.planes(); ++p) copy_plane(in.now(), out, p);
  }

 private:
  LookupTable table_;
};

}  // namespace

StageInfo levels_stage() {
  return {.name = "levels",
          .summary = "Set brightness, contrast and gamma of the luma",
          .kind = "point",
          .params = {param("brightness", &Levels::brightness,
                           "added to the luma; 1 is the span from black to white")
                         .range(-1, 1),
                     param("contrast", &Levels::contrast,
                           "factor around the middle between black and white")
                         .range(0, 4),
                     param("gamma", &Levels::gamma,
                           "more than 1 lightens the dark parts, black and white stay")
                         .range(0.1, 10)},
          .make = make_stage<Levels>};
}

}  // namespace quadrant
