// SPDX-License-Identifier: MIT
// mask: shows the video only where a picture is white, and a colour where it is black; grey is
// between the two. The picture is stretched to the frame's size; where it is transparent it counts
// as black. How it is laid over a frame: layer.h.
#include "pipeline/media/picture_file.h"
#include "stages/layer.h"

namespace quadrant {
namespace {

class Mask final : public Stage {
 public:
  std::string file, colour = "black";
  bool invert = false;

  Format configure(const Format& in) override {
    Format like = in;  // for which white is the peak
    like.colour.range = 2;
    Multiplied mask = multiplied(read_picture(file), like);
    mask.resize(in.width, in.height);
    Multiplied cover{std::vector<Sheet>(4, Sheet(in.width, in.height))};
    for (std::size_t i = 0; i < mask.sheets[0].values.size(); ++i) {
      const double shown = mask.sheets[0].values[i] / peak(in);
      const double alpha = invert ? shown : 1 - shown;
      for (int p = 0; p < 3; ++p)
        cover.sheets[static_cast<std::size_t>(p)].values[i] = alpha * nominal(in, p, colour);
      cover.sheets[alpha_plane].values[i] = alpha;
    }
    layer_ = Layer(in, cover, 0, 0, 1);
    return in;
  }
  std::vector<std::string> files() const override { return {file}; }

  void process(const Window& in, const Tile& out, State*) const override {
    layer_.apply(in.now(), out);
  }

 private:
  Layer layer_;
};

}  // namespace

StageInfo mask_stage() {
  return {.name = "mask",
          .summary = "Show the video only where a picture is white",
          .kind = "point",
          .params = {param("file", &Mask::file,
                           "a picture of any size, \"mask.png\": white shows, black hides")
                         .required()
                         .shorthand(),
                     param("colour", &Mask::colour, "of what is hidden")
                         .one_of({"black", "gray", "white"}),
                     param("invert", &Mask::invert, "hide what is white")},
          .make = make_stage<Mask>};
}

}  // namespace quadrant
