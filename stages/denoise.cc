// SPDX-License-Identifier: MIT
// denoise: non-local means (Buades, Coll, Morel, "A non-local algorithm for image denoising",
// 2005). A sample becomes the mean of the samples in the search window, each weighted by the
// similarity of the patches around the two, so repeated texture survives where a blur would remove
// it. The arithmetic is in kernels/non_local_means.h.
//
// Patches are compared as in libavfilter's nlmeans, by squared differences, but by their mean, so
// that the strength keeps its meaning when the patch changes: nlmeans' s is strength * patch / 10.
// The results are equal but for rounding (64 to 78 dB on noisy films). The strength counts
// levels of 8 bits at every depth, since a 10-bit copy of an 8-bit film must look the same.
//
// Measured at 1080p, 4:2:0, one core with AVX2: patch 3, search 7 take 26 ms a frame (OpenCV's
// fastNlMeansDenoising, used here before: 390 ms), the defaults 50 ms; the time grows with the area
// of the search.
#include "stages/kernels/non_local_means.h"
#include "stages/samples.h"

namespace quadrant {
namespace {

class Denoise final : public Stage {
 public:
  double strength = 4;
  int patch = 5, search = 9;
  bool chroma = true;

  Format configure(const Format& in) override {
    if (strength > 0) how_ = kernels::NonLocalMeans(strength, patch, search, in.pixels.depth());
    return in;
  }
  Reach reach() const override { return {.halo = patch / 2 + search / 2}; }
  std::unique_ptr<State> begin(const ParallelFor&) const override {
    return std::make_unique<Scratch>();
  }

  void process(const Window& in, const Tile& out, State* state) const override {
    for (int p = 0; p < out.planes(); ++p)
      if (strength > 0 && (p == luma_plane || (chroma && is_chroma(p))))
        filter(in.now(), out, p, static_cast<Scratch&>(*state).memory);
      else
        copy_plane(in.now(), out, p);
  }

 private:
  struct Scratch final : State {
    kernels::NonLocalMeansMemory memory;
  };

  void filter(const View& in, const Tile& out, int plane,
              kernels::NonLocalMeansMemory& memory) const {
    const Plane from = in.whole_planes()[static_cast<std::size_t>(plane)];
    const Format& f = in.format();
    const Rows rows = out.rows(plane);
    const cv::Mat to = out.plane(plane);
    kernels::non_local_means(
        how_, {from.data, from.stride, f.plane_width(plane), f.plane_height(plane)}, rows.begin,
        rows.end, to.data, static_cast<std::ptrdiff_t>(to.step), memory);
  }

  kernels::NonLocalMeans how_{1, 3, 3, 8};
};

}  // namespace

StageInfo denoise_stage() {
  return {
      .name = "denoise",
      .summary = "Remove noise and keep texture (non-local means)",
      .kind = "halo",
      .params = {param("strength", &Denoise::strength,
                       "how different two patches may be (root of the mean square), in levels of 8 "
                       "bits at any depth; 0 changes nothing; FFmpeg's nlmeans=s=S:p=P is 10 S / P")
                     .range(0, 100)
                     .unit("levels")
                     .shorthand(),
                 param("patch", &Denoise::patch, "size of the squares compared; odd; nlmeans' p")
                     .range(3, 9)
                     .steps_of(2)
                     .unit("samples"),
                 param("search", &Denoise::search,
                       "size of the square searched for similar patches; odd; the time grows with "
                       "its area; nlmeans' r")
                     .range(5, 31)
                     .steps_of(2)
                     .unit("samples"),
                 param("chroma", &Denoise::chroma, "treat the colour planes too")},
      .make = make_stage<Denoise>};
}

}  // namespace quadrant
