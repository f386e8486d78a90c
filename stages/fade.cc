// SPDX-License-Identifier: MIT
// fade: from a colour at the beginning, to a colour at the end, linearly in time, on the coded
// samples as FFmpeg's `fade`. How far it has come depends on the frame's time alone.
//
// When the fade out begins is known from the length that the container tells. Where it tells none,
// the job has to.
#include <cmath>

#include "stages/samples.h"

namespace quadrant {
namespace {

constexpr int share_bits = 16;

class Fade final : public Stage {
 public:
  double in = 0, out = 0, out_start = 0;
  std::string colour = "black";

  Format configure(const Format& format) override {
    if (out > 0 && out_start == 0 && format.end_seconds <= 0)
      fail(Fault::input,
           "the input does not say how long it is, so it is not known when to fade out; say when "
           "it begins with out_start: SECONDS");
    out_begins_ = out_start > 0 ? out_start : std::max(0.0, format.end_seconds - out);
    return format;
  }

  void process(const Window& window, const Tile& tile, State*) const override {
    const int share = share_at(window.seconds());
    for (int p = 0; p < tile.planes(); ++p)
      if (p == alpha_plane || share == 1 << share_bits)
        copy_plane(window.now(), tile, p);
      else
        with_sample_type(tile.format(),
                         [&](auto t) { mix<decltype(t)>(window.now(), tile, p, share); });
  }

 private:
  // Of the picture; the rest is the colour.
  int share_at(double time) const {
    double share = 1;
    if (in > 0) share = std::min(share, time / in);
    if (out > 0) share = std::min(share, 1 - (time - out_begins_) / out);
    return static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * (1 << share_bits)));
  }

  template <class T>
  void mix(const View& from, const Tile& to, int plane, int share) const {
    const cv::Mat a = from.plane(plane, to.rows(plane));
    cv::Mat b = to.plane(plane);
    const std::int64_t target = nominal(to.format(), plane, colour);
    const std::int64_t half = 1 << (share_bits - 1);
    for (int y = 0; y < b.rows; ++y) {
      const T* source = a.ptr<T>(y);
      T* made = b.ptr<T>(y);
      for (int x = 0; x < b.cols; ++x)
        made[x] = static_cast<T>(target + (((source[x] - target) * share + half) >> share_bits));
    }
  }

  double out_begins_ = 0;
};

}  // namespace

StageInfo fade_stage() {
  return {.name = "fade",
          .summary = "Fade in from a colour, and out to it",
          .kind = "point",
          .params = {param("in", &Fade::in, "how long the fade at the beginning takes; 0: none")
                         .range(0, 3600)
                         .unit("s"),
                     param("out", &Fade::out, "how long the fade at the end takes; 0: none")
                         .range(0, 3600)
                         .unit("s"),
                     param("out_start", &Fade::out_start,
                           "when the fade out begins; 0: so that it ends with the input")
                         .range(0, 1e6)
                         .unit("s"),
                     param("colour", &Fade::colour, "of what is faded from and to")
                         .one_of({"black", "gray", "white"})},
          .make = make_stage<Fade>};
}

}  // namespace quadrant
