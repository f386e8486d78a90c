// SPDX-License-Identifier: MIT
// crop: copies a part of the picture. The part must start where chroma samples start, or colours
// would shift against luma; libavfilter's crop rounds down silently, here an error names the
// nearest valid position.
#include "stages/samples.h"

namespace quadrant {
namespace {

class Crop final : public Stage {
 public:
  int x = 0, y = 0, width = 0, height = 0;

  Format configure(const Format& in) override {
    Format out = in;
    out.width = part("x", x, "width", width, in.width, in.pixels.log2_chroma_width(), in);
    out.height = part("y", y, "height", height, in.height, in.pixels.log2_chroma_height(), in);
    return out;
  }
  Reach reach() const override { return {.space = Reach::Space::anywhere}; }

  void process(const Window& in, const Tile& out, State*) const override {
    const PixelFormat pixels = out.format().pixels;
    for (int p = 0; p < out.planes(); ++p) {
      const int down = y >> pixels.log2_height(p), left = x >> pixels.log2_width(p);
      const Rows rows = out.rows(p);
      cv::Mat to = out.plane(p);
      in.now()
          .plane(p, {rows.begin + down, rows.end + down})
          .colRange(left, left + to.cols)
          .copyTo(to);
    }
  }

 private:
  // The size of the part along one axis; `size` 0 means everything that is left.
  static int part(const char* at_name, int at, const char* size_name, int size, int whole,
                  int log2_step, const Format& in) {
    const int step = 1 << log2_step;
    if (at >= whole)
      fail(Fault::input, "{} must be less than the {} of the input, {}, not {}", at_name, size_name,
           whole, at);
    if (at % step != 0)
      fail(Fault::input, "{} must be a multiple of {} for {}; nearest to {} is {}", at_name, step,
           in.pixels.name(), at, nearest(at, step, whole - 1));
    if (at + size > whole)
      fail(Fault::input, "{} + {} must be at most {}: {} is the largest {} here, not {}", at_name,
           size_name, whole, whole - at, size_name, size);
    if (size == 0) return whole - at;
    if (size % step != 0 && at + size != whole)
      fail(Fault::input, "{} must be a multiple of {} for {}; nearest to {} is {}", size_name, step,
           in.pixels.name(), size, std::max(step, nearest(size, step, whole - at)));
    return size;
  }

  static int nearest(int value, int step, int most) {
    const int up = (value + step / 2) / step * step;
    return up <= most ? up : most / step * step;
  }
};

}  // namespace

StageInfo crop_stage() {
  return {.name = "crop",
          .summary = "Crop to a part of the picture",
          .kind = "geometry",
          .params = {param("x", &Crop::x, "left edge of the part; on the chroma grid")
                         .range(0, 65535)
                         .unit("samples"),
                     param("y", &Crop::y, "upper edge of the part; on the chroma grid")
                         .range(0, 65535)
                         .unit("samples"),
                     param("width", &Crop::width, "of the part; 0: all to the right of x")
                         .range(0, 65535)
                         .unit("samples"),
                     param("height", &Crop::height, "of the part; 0: all below y")
                         .range(0, 65535)
                         .unit("samples")},
          .make = make_stage<Crop>};
}

}  // namespace quadrant
