// SPDX-License-Identifier: MIT
#include "tests/planted_stages.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <opencv2/core.hpp>

#include "stages/stages.h"

namespace quadrant::test {
namespace {

struct Planted : Stage {
  Format configure(const Format& in) override { return in; }
};

void copy(const View& in, const Tile& out) {
  for (int p = 0; p < out.planes(); ++p) in.plane(p, out.rows(p)).copyTo(out.plane(p));
}

// What a stage looks like whose author kept the working buffer in a static, to save the allocation:
// it loads the tile, smooths it a few times in place, and stores it. No pause, no yield.
struct SharedScratch final : Planted {
  void process(const Window& in, const Tile& out, State*) const override {
    static std::array<std::uint8_t, 1 << 20> scratch;
    for (int p = 0; p < out.planes(); ++p) {
      const cv::Mat from = in.now().plane(p, out.rows(p));
      cv::Mat to = out.plane(p);
      cv::Mat work(from.size(), from.type(), scratch.data());
      from.copyTo(work);
      for (int pass = 0; pass < 4; ++pass)
        for (int y = 0; y < work.rows; ++y) smooth(work.ptr(y), work.cols);
      work.copyTo(to);
    }
  }
  static void smooth(std::uint8_t* row, int columns) {
    for (int x = 1; x < columns; ++x)
      row[x] = static_cast<std::uint8_t>((row[x] * 3 + row[x - 1] + 2) / 4);
  }
};

// The greatest of the rows around, as far as they are in memory.
struct FalseReach final : Planted {
  int reads = 3;
  Reach reach() const override { return {.halo = 1}; }
  void process(const Window& in, const Tile& out, State*) const override {
    for (int p = 0; p < out.planes(); ++p) {
      const Rows there = in.now().rows(p), wanted = out.rows(p);
      cv::Mat to = out.plane(p);
      for (int y = wanted.begin; y < wanted.end; ++y) {
        cv::Mat row = to.row(y - wanted.begin);
        const Rows around{std::max(there.begin, y - reads), std::min(there.end, y + reads + 1)};
        in.now().plane(p, {y, y + 1}).copyTo(row);
        for (int other = around.begin; other < around.end; ++other)
          cv::max(row, in.now().plane(p, {other, other + 1}), row);
      }
    }
  }
};

struct FalseOrder final : Planted {
  void process(const Window& in, const Tile& out, State*) const override {
    copy(in.now(), out);
    cv::Mat plane = out.plane(0);
    const int before = memory.exchange(plane.at<std::uint8_t>(0, 0));
    plane.at<std::uint8_t>(0, 0) =
        static_cast<std::uint8_t>((plane.at<std::uint8_t>(0, 0) + before) / 2);
  }
  mutable std::atomic<int> memory{0};
};

struct FalseWarmUp final : Planted {
  struct Memory final : State {
    double level = 0;
  };
  Order order() const override { return Order::in_order; }
  std::optional<int> warm_up() const override { return 1; }
  std::unique_ptr<State> begin(const ParallelFor&) const override {
    return std::make_unique<Memory>();
  }
  void process(const Window& in, const Tile& out, State* state) const override {
    copy(in.now(), out);
    double& level = static_cast<Memory*>(state)->level;
    level = 0.95 * level + 0.05 * cv::mean(out.plane(0))[0];
    cv::add(out.plane(0), cv::Scalar(level / 4), out.plane(0));
  }
};

struct FalseTarget final : Planted {
  void process(const Window& in, const Tile& out, State*) const override {
    for (int p = 0; p < out.planes(); ++p) {
      cv::Mat from = in.now().plane(p, out.rows(p));
      for (int y = 0; y < from.rows; ++y) SharedScratch::smooth(from.ptr(y), from.cols);
    }
    copy(in.now(), out);
  }
};

struct FalseTile final : Planted {
  void process(const Window& in, const Tile& out, State*) const override {
    copy(in.now(), out);
    if (out.luma_rows().begin == 0) return;
    const Plane whole = out.whole_planes()[0];
    std::uint8_t* above = whole.data + whole.stride * (out.luma_rows().begin - 1);
    std::fill_n(above, out.format().width, std::uint8_t{128});
  }
};

struct OneSample final : Planted {
  void process(const Window& in, const Tile& out, State*) const override {
    copy(in.now(), out);
    constexpr int x = 7, y = 20, marked = 5;
    const Rows rows = out.rows(0);
    if (rows.size() == out.format().height || y < rows.begin || y >= rows.end) return;
    auto& sample = out.plane(0).at<std::uint8_t>(y - rows.begin, x);
    if (sample == marked) ++sample;
  }
};

template <class T>
StageInfo planted(std::string_view name, std::vector<Param> params = {}) {
  return {.name = name,
          .summary = "Break a promise",
          .kind = "test",
          .accepts = Accepts::planar,
          .params = std::move(params),
          .make = make_stage<T>};
}

}  // namespace

const Catalogue& planted_stages() {
  static const Catalogue catalogue = [] {
    Catalogue all = all_stages();
    all.push_back(planted<SharedScratch>("shared_scratch"));
    all.push_back(planted<FalseReach>("false_reach", {param("reads", &FalseReach::reads, "rows")}));
    all.push_back(planted<FalseOrder>("false_order"));
    all.push_back(planted<FalseWarmUp>("false_warm_up"));
    all.push_back(planted<FalseTarget>("false_target"));
    all.push_back(planted<FalseTile>("false_tile"));
    all.push_back(planted<OneSample>("one_sample"));
    return all;
  }();
  return catalogue;
}

}  // namespace quadrant::test
