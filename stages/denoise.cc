// SPDX-License-Identifier: MIT
// denoise: non-local means (Buades, Coll, Morel, "A non-local algorithm for image denoising",
// 2005). A sample becomes the mean of the samples in the search window, each weighted by the
// similarity of the patches around the two, so repeated texture survives where a blur would remove
// it.
//
// OpenCV's fastNlMeansDenoising sums in integers, so strips give the same result as the whole.
// Patches are compared by the mean absolute difference (NORM_L1) at every depth, because OpenCV has
// only that above 8 bits, and a 10-bit copy of an 8-bit film must look the same. The strength
// scales with the depth. OpenCV treats its input as the whole picture, so the halo is processed
// too.
//
// It is slow by nature: each sample is compared search x search times. At 1080p with the defaults a
// frame takes about 0.5 s on one core; OpenCV's own default window (21) takes five times that.
#include <opencv2/photo.hpp>

#include "stages/samples.h"

namespace quadrant {
namespace {

class Denoise final : public Stage {
 public:
  double strength = 3;
  int patch = 5, search = 9;
  bool chroma = true;

  Format configure(const Format& in) override {
    strength_ = static_cast<float>(strength * (1 << (in.pixels.depth() - 8)));
    return in;
  }
  Reach reach() const override { return {.halo = patch / 2 + search / 2}; }
  std::unique_ptr<State> begin(const ParallelFor&) const override {
    return std::make_unique<Scratch>();
  }

  void process(const Window& in, const Tile& out, State* state) const override {
    for (int p = 0; p < out.planes(); ++p)
      if (strength > 0 && (p == luma_plane || (chroma && is_chroma(p))))
        filter(in.now(), out, p, static_cast<Scratch&>(*state).filtered);
      else
        copy_plane(in.now(), out, p);
  }

 private:
  struct Scratch final : State {
    cv::Mat filtered;
  };

  void filter(const View& in, const Tile& out, int plane, cv::Mat& scratch) const {
    const Rows rows = out.rows(plane);
    const Rows read = grown(rows, reach().halo, out.format().plane_height(plane));
    cv::fastNlMeansDenoising(alone(in.plane(plane, read)), scratch, std::vector<float>{strength_},
                             patch, search, cv::NORM_L1);
    cv::Mat to = out.plane(plane);
    // The library may round up to a value above the maximum of depths between 8 and 16 bits.
    cv::min(scratch.rowRange(rows.begin - read.begin, rows.end - read.begin), peak(out.format()),
            to);
  }

  float strength_ = 0;
};

}  // namespace

StageInfo denoise_stage() {
  return {
      .name = "denoise",
      .summary = "Remove noise and keep texture (non-local means); slow",
      .kind = "halo",
      .params = {param("strength", &Denoise::strength,
                       "how different two patches may be, in levels of 8 bits at any depth; "
                       "0 changes nothing")
                     .range(0, 30)
                     .unit("levels")
                     .shorthand(),
                 param("patch", &Denoise::patch, "size of the squares compared; odd")
                     .range(3, 9)
                     .steps_of(2)
                     .unit("samples"),
                 param("search", &Denoise::search,
                       "size of the square searched for similar patches; odd; the time grows with "
                       "its area")
                     .range(5, 31)
                     .steps_of(2)
                     .unit("samples"),
                 param("chroma", &Denoise::chroma, "treat the colour planes too")},
      .make = make_stage<Denoise>};
}

}  // namespace quadrant
