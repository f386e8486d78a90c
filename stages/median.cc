// SPDX-License-Identifier: MIT
// median: each sample becomes the median of the square around it. Removes speckles and keeps edges.
// OpenCV's medianBlur is exact at any depth up to 5 x 5, which bounds the radius. It treats its
// input as the whole picture, so the halo is processed too, and only the requested rows are copied
// out of the scratch memory.
#include <opencv2/imgproc.hpp>

#include "stages/samples.h"

namespace quadrant {
namespace {

class Median final : public Stage {
 public:
  int radius = 1;

  Format configure(const Format& in) override { return in; }
  Reach reach() const override { return {.halo = radius}; }
  std::unique_ptr<State> begin(const ParallelFor&) const override {
    return std::make_unique<Scratch>();
  }

  void process(const Window& in, const Tile& out, State* state) const override {
    for (int p = 0; p < out.planes(); ++p)
      if (p == alpha_plane)
        copy_plane(in.now(), out, p);
      else
        filter(in.now(), out, p, static_cast<Scratch&>(*state).filtered);
  }

 private:
  struct Scratch final : State {
    cv::Mat filtered;
  };

  void filter(const View& in, const Tile& out, int plane, cv::Mat& scratch) const {
    const Rows rows = out.rows(plane);
    const Rows read = grown(rows, radius, out.format().plane_height(plane));
    cv::medianBlur(alone(in.plane(plane, read)), scratch, 2 * radius + 1);
    scratch.rowRange(rows.begin - read.begin, rows.end - read.begin).copyTo(out.plane(plane));
  }
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
