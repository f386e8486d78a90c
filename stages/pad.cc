// SPDX-License-Identifier: MIT
// pad: a border of one colour. Black and white are nominal for the frame's range, chroma is
// neutral, and alpha is opaque. Left and top must be on the chroma grid, as in crop.
#include "stages/samples.h"

namespace quadrant {
namespace {

class Pad final : public Stage {
 public:
  int left = 0, right = 0, top = 0, bottom = 0;
  std::string colour = "black";

  Format configure(const Format& in) override {
    require_grid("left", left, in.pixels.log2_chroma_width(), in);
    require_grid("top", top, in.pixels.log2_chroma_height(), in);
    in_ = in;
    Format out = in;
    out.width += left + right;
    out.height += top + bottom;
    return out;
  }
  Reach reach() const override { return {.space = Reach::Space::anywhere}; }

  void process(const Window& in, const Tile& out, State*) const override {
    for (int p = 0; p < out.planes(); ++p) {
      const int above = top >> in_.pixels.log2_height(p), before = left >> in_.pixels.log2_width(p);
      cv::Mat to = out.plane(p);
      const Rows tile = out.rows(p);
      const Rows inner{std::clamp(above, tile.begin, tile.end),
                       std::clamp(above + in_.plane_height(p), tile.begin, tile.end)};
      const int value = nominal(in_, p, colour);
      to.rowRange(0, inner.begin - tile.begin).setTo(value);
      to.rowRange(inner.end - tile.begin, to.rows).setTo(value);
      if (inner.size() == 0) continue;
      cv::Mat middle = to.rowRange(inner.begin - tile.begin, inner.end - tile.begin);
      const int columns = in_.plane_width(p);
      middle.colRange(0, before).setTo(value);
      middle.colRange(before + columns, to.cols).setTo(value);
      in.now()
          .plane(p, {inner.begin - above, inner.end - above})
          .copyTo(middle.colRange(before, before + columns));
    }
  }

 private:
  static void require_grid(const char* name, int value, int log2_step, const Format& in) {
    const int step = 1 << log2_step;
    if (value % step != 0)
      fail(Fault::input, "{} must be a multiple of {} for {}; nearest to {} is {}", name, step,
           in.pixels.name(), value, (value + step / 2) / step * step);
  }

  Format in_;
};

}  // namespace

StageInfo pad_stage() {
  const auto side = [](std::string_view name, int Pad::*member, std::string_view help) {
    return param(name, member, help).range(0, 16384).unit("samples");
  };
  return {
      .name = "pad",
      .summary = "Add a border",
      .kind = "geometry",
      .params = {side("left", &Pad::left, "columns added; on the chroma grid"),
                 side("right", &Pad::right, "columns added"),
                 side("top", &Pad::top, "rows added; on the chroma grid"),
                 side("bottom", &Pad::bottom, "rows added"),
                 param("colour", &Pad::colour, "of the border").one_of({"black", "gray", "white"})},
      .make = make_stage<Pad>};
}

}  // namespace quadrant
