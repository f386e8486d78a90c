// SPDX-License-Identifier: MIT
// blur: a Gaussian on luma and chroma; alpha is copied. Sigma counts samples of each plane's own
// grid, as in libavfilter's gblur, so subsampled chroma is blurred more than luma. The arithmetic
// of gaussian.h is within 1 of the exact Gaussian. libavfilter's gblur is a recursive filter in
// float, whose sums run over the whole picture, so it could not be divided into strips.
#include "stages/gaussian.h"

namespace quadrant {
namespace {

class Blur final : public Stage {
 public:
  double sigma = 1.5;

  Format configure(const Format& in) override {
    gaussian_ = Gaussian(sigma, in);
    return in;
  }
  Reach reach() const override { return {.halo = gaussian_.radius()}; }
  std::unique_ptr<State> begin(const ParallelFor&) const override {
    return std::make_unique<Gaussian::Scratch>();
  }

  void process(const Window& in, const Tile& out, State* state) const override {
    auto& scratch = static_cast<Gaussian::Scratch&>(*state);
    for (int p = 0; p < out.planes(); ++p)
      if (p == alpha_plane)
        copy_plane(in.now(), out, p);
      else
        blur(in.now(), out, p, scratch);
  }

 private:
  void blur(const View& in, const Tile& out, int plane, Gaussian::Scratch& scratch) const {
    cv::Mat to = out.plane(plane);
    const int first = out.rows(plane).begin;
    gaussian_.begin(in, plane, scratch);
    for (int y = 0; y < to.rows; ++y)
      kernels::round_means(gaussian_.taps(), gaussian_.row(first + y, scratch), to.cols, to.ptr(y));
  }

  Gaussian gaussian_;
};

}  // namespace

StageInfo blur_stage() {
  return {.name = "blur",
          .summary = "Soften the picture with a Gaussian",
          .kind = "halo",
          .params = {param("sigma", &Blur::sigma,
                           "standard deviation; rows and columns up to 3 sigma away count")
                         .range(0.1, 20)
                         .unit("samples")
                         .shorthand()},
          .make = make_stage<Blur>};
}

}  // namespace quadrant
