// SPDX-License-Identifier: MIT
// overlay: lays a picture with transparency over every frame: a logo, a watermark, a frame around.
// How transparency is computed: layer.h.
#include <cmath>

#include "pipeline/media/picture_file.h"
#include "stages/anchor.h"
#include "stages/layer.h"

namespace quadrant {
namespace {

class Overlay final : public Stage {
 public:
  std::string file, anchor = "bottom_right";
  double scale = 0, margin = 0.02, opacity = 1, start = 0, end = 0;
  int x = 0, y = 0;

  Format configure(const Format& in) override {
    if (end != 0 && end <= start)
      fail(Fault::usage, "end must be after start, {} s, or 0 for the end of the video, not {} s",
           start, end);
    const Frame picture = read_picture(file);
    const Format& f = picture.format();
    const double width = scale > 0 ? scale * in.width : f.width;
    const int w = std::max(1, static_cast<int>(std::lround(width)));
    const int h = std::max(1, static_cast<int>(std::lround(width * f.height / f.width)));
    if (w > 16384 || h > 16384)
      fail(Fault::usage, "{} would be {}x{}; a smaller scale keeps it below 16384", file, w, h);
    Multiplied made = multiplied(picture, in);
    made.resize(w, h);
    const Anchor at = anchor_named(anchor);
    layer_ = Layer(in, made, place(at.x, in, in.width - w) + x, place(at.y, in, in.height - h) + y,
                   opacity);
    return in;
  }
  std::vector<std::string> files() const override { return {file}; }

  void process(const Window& in, const Tile& out, State*) const override {
    const double now = in.seconds();
    if (now >= start && (end == 0 || now < end)) return layer_.apply(in.now(), out);
    for (int p = 0; p < out.planes(); ++p) copy_plane(in.now(), out, p);
  }

 private:
  int place(int side, const Format& in, int room) const {
    const int edge = static_cast<int>(std::lround(margin * in.width));
    return side == 0 ? edge : side == 1 ? room / 2 : room - edge;
  }

  Layer layer_;
};

}  // namespace

StageInfo overlay_stage() {
  return {
      .name = "overlay",
      .summary = "Lay a picture with transparency over the video",
      .kind = "point",
      .params = {param("file", &Overlay::file,
                       "a PNG or another picture, \"logo.png\"; part of the job: another content "
                       "makes outputs anew")
                     .required()
                     .shorthand(),
                 param("anchor", &Overlay::anchor, "where in the frame").one_of(anchor_names()),
                 param("margin", &Overlay::margin,
                       "distance from the edges, as a share of the frame's width")
                     .range(0, 0.5),
                 param("x", &Overlay::x, "moved to the right").range(-16384, 16384).unit("samples"),
                 param("y", &Overlay::y, "moved down").range(-16384, 16384).unit("samples"),
                 param("scale", &Overlay::scale,
                       "its width as a share of the frame's; 0: the size that it has")
                     .range(0, 4),
                 param("opacity", &Overlay::opacity, "0 is invisible").range(0, 1),
                 param("start", &Overlay::start, "when it appears").range(0, 1e6).unit("s"),
                 param("end", &Overlay::end, "when it goes; 0: it stays").range(0, 1e6).unit("s")},
      .make = make_stage<Overlay>};
}

}  // namespace quadrant
