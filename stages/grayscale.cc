// SPDX-License-Identifier: MIT
// grayscale: leaves the luma, which is the picture without its colours in the picture's own matrix,
// as black-and-white television showed it. Chroma becomes neutral; with drop_chroma the result has
// no chroma planes at all, and the pixel format with the same depth that has only luma.
#include "stages/samples.h"

namespace quadrant {
namespace {

class Grayscale final : public Stage {
 public:
  bool drop_chroma = false;

  Format configure(const Format& in) override {
    Format out = in;
    if (drop_chroma && in.pixels.has_chroma()) out.pixels = luma_alone(in.pixels);
    return out;
  }

  void process(const Window& in, const Tile& out, State*) const override {
    for (int p = 0; p < out.planes(); ++p)
      if (is_chroma(p))
        out.plane(p).setTo(neutral_chroma(out.format()));
      else
        copy_plane(in.now(), out, p);
  }

 private:
  static PixelFormat luma_alone(PixelFormat pixels) {
    const std::string depth = std::to_string(pixels.depth());
    const PixelFormat found =
        PixelFormat::named(pixels.depth() == 8 ? "gray" : "gray" + depth + "le");
    if (pixels.has_alpha() || !found.planar())
      fail(Fault::input,
           "no pixel format holds {} without its chroma; leave drop_chroma false, which keeps "
           "neutral chroma",
           pixels.name());
    return found;
  }
};

}  // namespace

StageInfo grayscale_stage() {
  return {.name = "grayscale",
          .summary = "Remove the colours",
          .kind = "point",
          .params = {param("drop_chroma", &Grayscale::drop_chroma,
                           "use a pixel format without chroma, which not all encoders take")},
          .make = make_stage<Grayscale>};
}

}  // namespace quadrant
