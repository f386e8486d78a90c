// SPDX-License-Identifier: MIT
// median: each sample becomes the median of the square around it. Removes speckles and keeps edges.
// The picture's outermost samples are repeated beyond its edges. The networks of exchanges in
// kernels/median.cc bound the radius.
#include "stages/kernels/median.h"

#include <array>

#include "stages/samples.h"

namespace quadrant {
namespace {

class Median final : public Stage {
 public:
  int radius = 1;

  Format configure(const Format& in) override { return in; }
  Reach reach() const override { return {.halo = radius}; }

  void process(const Window& in, const Tile& out, State*) const override {
    for (int p = 0; p < out.planes(); ++p)
      if (p == alpha_plane)
        copy_plane(in.now(), out, p);
      else
        filter(in.now(), out, p);
  }

 private:
  void filter(const View& in, const Tile& out, int plane) const {
    const Plane from = in.whole_planes()[static_cast<std::size_t>(plane)];
    const int height = in.format().plane_height(plane), first = out.rows(plane).begin;
    cv::Mat to = out.plane(plane);
    std::array<const std::uint8_t*, 2 * max_radius + 1> lines{};
    for (int y = 0; y < to.rows; ++y) {
      for (int i = -radius; i <= radius; ++i)
        lines[static_cast<std::size_t>(radius + i)] =
            from.data + std::clamp(first + y + i, 0, height - 1) * from.stride;
      kernels::median(lines.data() + radius, radius, in.format().pixels.depth(), to.cols,
                      to.ptr(y));
    }
  }

  static constexpr int max_radius = 2;
};

}  // namespace

StageInfo median_stage() {
  return {.name = "median",
          .summary = "Remove speckles and keep edges (median filter)",
          .kind = "halo",
          .params = {param("radius", &Median::radius, "half the size of the square around a sample")
                         .range(1, 2)
                         .unit("samples")
                         .shorthand()},
          .make = make_stage<Median>};
}

}  // namespace quadrant
