// SPDX-License-Identifier: MIT
#include "pipeline/verify/confined.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <opencv2/core.hpp>

#include "pipeline/contract/stage.h"

namespace quadrant {
namespace {

constexpr int fence = 64;  // luma rows of poison; a stage that reads farther leaves the memory

// Some rows of a picture between fences of poison.
class Enclosure {
 public:
  // Of each plane the rows of `tile` plus `halo` above and below. `like` has the picture's format.
  Enclosure(const View& like, Rows tile, int halo, bool white) {
    const Format& format = like.format();
    const PixelFormat pixels = format.pixels;
    const int luma_halo = halo << (pixels.has_chroma() ? pixels.log2_chroma_height() : 0);
    const Rows inside = around(tile, luma_halo, format), all = around(inside, fence, format);
    poison_ = !white ? 0 : pixels.planar() ? (1 << pixels.depth()) - 1 : 255;
    std::array<Plane, 4> planes = like.whole_planes();  // with the palette of pal8
    for (int p = 0; p < like.planes(); ++p) {
      const cv::Mat size = like.plane(p);
      cv::Mat& memory = memory_.emplace_back(plane_rows(format, p, all).size(), size.cols,
                                             size.type(), cv::Scalar::all(poison_));
      planes[static_cast<std::size_t>(p)] = {
          memory.data, static_cast<std::ptrdiff_t>(static_cast<std::size_t>(memory.step))};
      const Rows rows = plane_rows(format, p, tile);
      own_.push_back(
          {std::max(0, rows.begin - halo), std::min(format.plane_height(p), rows.end + halo)});
    }
    all_ = View(format, all, planes);
    inside_ = all_.part(inside);
  }

  const View& view() const { return inside_; }
  Rows own_rows(int plane) const { return own_[static_cast<std::size_t>(plane)]; }
  cv::Mat own(int plane) const { return all_.plane(plane, own_rows(plane)); }
  // The first of the other rows in which the poison was overwritten; -1: none.
  int spilled(int plane) const {
    const Rows all = all_.rows(plane), own = own_rows(plane);
    for (const Rows other : {Rows{all.begin, own.begin}, Rows{own.end, all.end}})
      for (int y = other.begin; y < other.end; ++y)
        if (cv::countNonZero(all_.plane(plane, {y, y + 1}) != poison_) > 0) return y;
    return -1;
  }

 private:
  static Rows around(Rows rows, int more, const Format& format) {
    return {std::max(0, rows.begin - more), std::min(format.height, rows.end + more)};
  }

  double poison_ = 0;
  std::vector<cv::Mat> memory_;  // by plane
  std::vector<Rows> own_;        // by plane: the rows without poison
  View all_, inside_;
};

class Confined final : public Stage {
 public:
  explicit Confined(const PlannedStage& planned) : planned_(planned) {}

  Format configure(const Format&) override { return planned_.out; }  // already configured
  Reach reach() const override { return planned_.stage->reach(); }
  std::unique_ptr<State> begin(const ParallelFor& slices) const override {
    return planned_.stage->begin(slices);
  }

  void process(const Window& in, const Tile& out, State* state) const override {
    const bool white = std::popcount(calls_++) % 2 == 1;  // aperiodic, unlike the strips
    std::vector<Enclosure> inputs;
    std::vector<View> views;
    for (int at = -in.past(); at <= in.future(); ++at) {
      inputs.emplace_back(in.at(at), out.luma_rows(), reach().halo, white);
      for (int p = 0; p < in.at(at).planes(); ++p)
        in.at(at).plane(p, inputs.back().own_rows(p)).copyTo(inputs.back().own(p));
      views.push_back(inputs.back().view());
    }
    const Enclosure made(out, out.luma_rows(), 0, white);
    planned_.stage->process(Window(std::move(views), in.past(), in.pts()), made.view(), state);
    for (int at = -in.past(); at <= in.future(); ++at)
      check_input(in.at(at), inputs[static_cast<std::size_t>(at + in.past())], out.luma_rows());
    take(made, out);
  }

 private:
  [[noreturn]] void accuse(std::string_view of, int plane, Rows tile) const {
    throw Breach(Fault::input, fmt::format("{}: {} of plane {} while it makes rows {} to {}",
                                           planned_.name, of, plane, tile.begin, tile.end - 1));
  }

  void check_input(const View& was, const Enclosure& is, Rows tile) const {
    for (int p = 0; p < was.planes(); ++p) {
      const cv::Mat before = was.plane(p, is.own_rows(p));
      if (is.spilled(p) >= 0 || cv::norm(before, is.own(p), cv::NORM_INF) != 0)
        accuse("writes into its input, somewhere", p, tile);
    }
  }

  void take(const Enclosure& made, const Tile& out) const {
    for (int p = 0; p < out.planes(); ++p) {
      if (const int row = made.spilled(p); row >= 0)
        accuse(fmt::format("writes beyond its tile, row {}", row), p, out.luma_rows());
      cv::Mat to = out.plane(p);
      made.own(p).copyTo(to);
    }
  }

  PlannedStage planned_;
  mutable std::atomic<unsigned> calls_{0};
};

}  // namespace

std::shared_ptr<const Stage> confined(const PlannedStage& planned) {
  return std::make_shared<Confined>(planned);
}

}  // namespace quadrant
