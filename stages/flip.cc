// SPDX-License-Identifier: MIT
// flip: mirrors the picture, sample by sample, and the position of its chroma.
#include "stages/samples.h"
#include "stages/turned.h"

namespace quadrant {
namespace {

class Flip final : public Stage {
 public:
  std::string direction = "horizontal";

  Format configure(const Format& in) override {
    Format out = in;
    out.colour.chroma_location = turned_chroma_location(
        in.colour.chroma_location, {.mirrored_x = mirrored_x(), .mirrored_y = mirrored_y()}, out);
    return out;
  }
  Reach reach() const override { return {.space = Reach::Space::anywhere}; }

  void process(const Window& in, const Tile& out, State*) const override {
    constexpr int around_x = 0, around_y = 1, around_both = -1;  // cv::flip's codes
    for (int p = 0; p < out.planes(); ++p) {
      const int height = out.format().plane_height(p);
      const Rows rows = out.rows(p);
      if (!mirrored_y())
        fill(out.plane(p), [&](cv::Mat& to) { cv::flip(in.now().plane(p, rows), to, around_y); });
      else
        fill(out.plane(p), [&](cv::Mat& to) {
          cv::flip(in.now().plane(p, {height - rows.end, height - rows.begin}), to,
                   mirrored_x() ? around_both : around_x);
        });
    }
  }

 private:
  bool mirrored_x() const { return direction != "vertical"; }
  bool mirrored_y() const { return direction != "horizontal"; }
};

}  // namespace

StageInfo flip_stage() {
  return {.name = "flip",
          .summary = "Mirror the picture",
          .kind = "geometry",
          .params = {param("direction", &Flip::direction,
                           "horizontal swaps left and right, vertical swaps top and bottom")
                         .one_of({"horizontal", "vertical", "both"})
                         .shorthand()},
          .make = make_stage<Flip>};
}

}  // namespace quadrant
