// SPDX-License-Identifier: MIT
// scale: changes the size by libswscale (pipeline/media/scaler.h: bit-exact for any rows, chroma
// moved from and to its tagged position).
//
// A side that is not given follows from the other, rounded to a size that the chroma allows; the
// sample aspect is kept, since the rounding is less than a sample. If both are given and change the
// shape, the sample aspect is corrected, so that the picture is not shown distorted.
#include <cmath>
#include <numeric>

#include "pipeline/media/scaler.h"
#include "stages/samples.h"

namespace quadrant {
namespace {

int rounded(double size, int log2_step) {
  const int step = 1 << log2_step;
  return std::max(1, static_cast<int>(std::lround(size / step))) * step;
}

Rational reduced(std::int64_t num, std::int64_t den) {
  const std::int64_t common = std::gcd(num, den);
  constexpr std::int64_t most = std::numeric_limits<int>::max();
  for (num /= common, den /= common; num > most || den > most; num /= 2, den /= 2) {
  }
  return {static_cast<int>(num), static_cast<int>(std::max<std::int64_t>(den, 1))};
}

class Scale final : public Stage {
 public:
  int width = 0, height = 0;
  std::string method = "bicubic";

  Format configure(const Format& in) override {
    if (width == 0 && height == 0)
      fail(Fault::usage,
           "width or height must be given: the other one may be 0, which keeps the "
           "aspect ratio");
    in_ = out_ = in;
    const double shape = static_cast<double>(in.width) / in.height;
    out_.width = width > 0 ? width : rounded(height * shape, in.pixels.log2_chroma_width());
    out_.height = height > 0 ? height : rounded(width / shape, in.pixels.log2_chroma_height());
    if (width > 0 && height > 0) correct_aspect();
    [[maybe_unused]] const Scaler tried(in_, out_, scale_method());  // may refuse
    return out_;
  }
  Reach reach() const override { return {.space = Reach::Space::anywhere}; }
  std::unique_ptr<State> begin(const ParallelFor&) const override {
    return std::make_unique<Worker>(in_, out_, scale_method());
  }

  void process(const Window& in, const Tile& out, State* state) const override {
    static_cast<Worker&>(*state).scaler.rows(in.now().whole_planes(), out.whole_planes(),
                                             out.luma_rows().begin, out.luma_rows().end);
  }

 private:
  struct Worker final : State {
    Worker(const Format& in, const Format& out, ScaleMethod how) : scaler(in, out, how) {}
    Scaler scaler;
  };

  ScaleMethod scale_method() const {
    if (method == "area") return ScaleMethod::area;
    return method == "lanczos" ? ScaleMethod::lanczos : ScaleMethod::bicubic;
  }

  void correct_aspect() {
    const std::int64_t before = std::int64_t{in_.width} * out_.height;
    const std::int64_t after = std::int64_t{out_.width} * in_.height;
    if (before == after) return;
    const Rational square = in_.sample_aspect.num > 0 ? in_.sample_aspect : Rational{1, 1};
    const Rational change = reduced(before, after);
    out_.sample_aspect =
        reduced(std::int64_t{square.num} * change.num, std::int64_t{square.den} * change.den);
  }

  Format in_, out_;
};

}  // namespace

StageInfo scale_stage() {
  return {.name = "scale",
          .summary = "Change the size",
          .kind = "geometry",
          .params = {param("width", &Scale::width, "of the output; 0: follows from the height")
                         .range(0, 16384)
                         .unit("samples"),
                     param("height", &Scale::height, "of the output; 0: follows from the width")
                         .range(0, 16384)
                         .unit("samples"),
                     param("method", &Scale::method,
                           "bicubic for most, area for much smaller, lanczos for sharper")
                         .one_of({"bicubic", "area", "lanczos"})},
          .make = make_stage<Scale>};
}

}  // namespace quadrant
