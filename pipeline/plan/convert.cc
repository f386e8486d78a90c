// SPDX-License-Identifier: MIT
#include "pipeline/plan/convert.h"

#include <fmt/format.h>

#include "pipeline/media/scaler.h"

namespace quadrant {
namespace {

struct Worker final : Stage::State {
  explicit Worker(Scaler s) : scaler(std::move(s)) {}
  Scaler scaler;
};

class Convert final : public Stage {
 public:
  explicit Convert(const Format& to) : to_(to), computed_(to) {}
  Convert(const Format& to, int matrix) : to_(to), computed_(to), is_back_(true) {
    computed_.colour.matrix = matrix;
  }

  Format configure(const Format& in) override {
    in_ = in;
    to_.time_base = in.time_base;
    to_.frame_rate = in.frame_rate;
    [[maybe_unused]] const Scaler tried(in_, computed_,
                                        ScaleMethod::bicubic);  // throws now, not later
    return to_;
  }
  std::vector<std::string> notes() const override {
    if (is_back_)
      return {
          fmt::format("filters gave {}: back to {}; output.video.pixel_format, or format={} "
                      "at the end of the last chain, keeps it",
                      in_.pixels.name(), to_.pixels.name(), in_.pixels.name())};
    const bool crosses = in_.pixels.is_rgb() != to_.pixels.is_rgb();
    if (!crosses || in_.tells_matrix() || to_.tells_matrix()) return {};
    return {
        fmt::format("{} does not tell its matrix: {} is taken, as usual for its size; "
                    "ffmpeg: setparams=colorspace=... before it tells another",
                    in_.describe(), in_.likely_matrix() == 1 ? "BT.709" : "BT.601")};
  }
  Reach reach() const override { return {.space = Reach::Space::anywhere}; }
  std::unique_ptr<State> begin(const ParallelFor&) const override {
    return std::make_unique<Worker>(Scaler(in_, computed_, ScaleMethod::bicubic));
  }
  void process(const Window& in, const Tile& out, State* state) const override {
    static_cast<Worker*>(state)->scaler.rows(in.now().whole_planes(), out.whole_planes(),
                                             out.luma_rows().begin, out.luma_rows().end);
  }

 private:
  Format in_, to_;
  Format computed_;  // `to_` with the matrix of the conversion
  bool is_back_ = false;
};

}  // namespace

std::unique_ptr<Stage> make_convert(const Format& to) { return std::make_unique<Convert>(to); }

std::unique_ptr<Stage> make_convert_back(const Format& to, int matrix) {
  return std::make_unique<Convert>(to, matrix);
}

}  // namespace quadrant
