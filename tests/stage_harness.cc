// SPDX-License-Identifier: MIT
#include "tests/stage_harness.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <random>

namespace quadrant::test {
namespace {

constexpr std::size_t guard = 34;  // bytes; words stay aligned as words, and nothing more

Window window(const Stage& stage, const std::vector<View>& views, const Clip& in, int index) {
  const Reach reach = stage.reach();
  const int first = std::max(0, index - reach.past);
  const int last = std::min(static_cast<int>(views.size()) - 1, index + reach.future);
  return {{views.begin() + first, views.begin() + last + 1},
          index - first,
          in[static_cast<std::size_t>(index)].pts()};
}

int coarsest_shift(const Format& f) {
  return f.pixels.has_chroma() ? f.pixels.log2_chroma_height() : 0;
}

// The luma rows of the input that hold what the tile may read.
Rows input_rows(const Stage& stage, const Format& in, Rows tile) {
  const Reach reach = stage.reach();
  if (reach.space != Reach::Space::rows) return {0, in.height};
  const int halo = reach.halo << coarsest_shift(in);
  return {std::max(0, tile.begin - halo), std::min(in.height, tile.end + halo)};
}

}  // namespace

std::unique_ptr<Stage> make_stage_of(std::string_view name, const Values& values) {
  const StageInfo* info = find_stage(all_stages(), name);
  EXPECT_NE(info, nullptr) << name;
  std::unique_ptr<Stage> stage = info->make();
  for (const auto& [key, value] : values) set(*stage, *info, key, value);
  return stage;
}

void set(Stage& stage, const StageInfo& info, const std::string& name, const Value& value) {
  const auto param = std::ranges::find(info.params, name, &Param::name);
  ASSERT_NE(param, info.params.end()) << info.name << "." << name;
  ASSERT_EQ(value.index(), static_cast<std::size_t>(param->type)) << info.name << "." << name;
  param->set(stage, value);
}

std::string lens_file(int coefficients) {
  const char* values =
      coefficients == 4 ? "-0.05, 0.01, 0.002, -0.001" : "-0.28, 0.08, 0.0015, -0.0013, 0.01";
  const std::string path =
      fmt::format("{}quadrant-lens-{}-{}.yaml", testing::TempDir(), getpid(), coefficients);
  std::ofstream(path) << "%YAML:1.0\n---\ncamera_matrix: !!opencv-matrix\n   rows: 3\n   cols: 3\n"
                         "   dt: d\n   data: [ 90., 0., 47., 0., 88., 32., 0., 0., 1. ]\n"
                         "distortion_coefficients: !!opencv-matrix\n   rows: 1\n   cols: "
                      << coefficients << "\n   dt: d\n   data: [ " << values << " ]\n";
  return path;
}

void in_turn(int count, const std::function<void(int)>& body) {
  for (int i = 0; i < count; ++i) body(i);
}

Strip::Strip(const Format& format, Rows luma, std::uint8_t poison)
    : format_(&format), luma_(luma), poison_(poison) {
  for (int p = 0; p < format.pixels.planes(); ++p) {
    const auto i = static_cast<std::size_t>(p);
    strides_[i] = static_cast<std::size_t>(format.pixels.row_bytes(p, format.width)) + guard;
    const auto rows = static_cast<std::size_t>(plane_rows(format, p, luma).size());
    blocks_.emplace_back(guard + rows * strides_[i] + guard, poison);
  }
}

Strip::Strip(const Frame& frame, Rows luma, std::uint8_t poison, int halo, Rows near)
    : Strip(frame.format(), luma, poison) {
  for (int p = 0; p < frame.format().pixels.planes(); ++p) {
    const Plane from = frame.plane(p);
    const Rows all = plane_rows(*format_, p, luma), middle = plane_rows(*format_, p, near);
    for (int y = all.begin; y < all.end; ++y)
      if (y >= middle.begin - halo && y < middle.end + halo)
        std::memcpy(row(p, y), from.data + from.stride * y,
                    static_cast<std::size_t>(format_->pixels.row_bytes(p, format_->width)));
  }
}

std::uint8_t* Strip::row(int plane, int row) const {
  const auto i = static_cast<std::size_t>(plane);
  const auto offset = static_cast<std::size_t>(row - plane_rows(*format_, plane, luma_).begin);
  return blocks_[i].data() + guard + offset * strides_[i];
}

View Strip::view() const {
  std::array<Plane, 4> planes{};
  for (int p = 0; p < format_->pixels.planes(); ++p) {
    const auto i = static_cast<std::size_t>(p);
    planes[i] = {row(p, plane_rows(*format_, p, luma_).begin),
                 static_cast<std::ptrdiff_t>(strides_[i])};
  }
  return {*format_, luma_, planes};
}

bool Strip::guards_intact() const {
  const auto poisoned = [&](const std::uint8_t* from, std::size_t bytes) {
    return std::all_of(from, from + bytes, [&](std::uint8_t b) { return b == poison_; });
  };
  for (int p = 0; p < format_->pixels.planes(); ++p) {
    const auto i = static_cast<std::size_t>(p);
    const Bytes& block = blocks_[i];
    if (!poisoned(block.data(), guard) || !poisoned(block.data() + block.size() - guard, guard))
      return false;
    const Rows rows = plane_rows(*format_, p, luma_);
    for (int y = rows.begin; y < rows.end; ++y)
      if (!poisoned(row(p, y) + strides_[i] - guard, guard)) return false;
  }
  return true;
}

void Strip::copy_to(const Frame& frame) const {
  for (int p = 0; p < format_->pixels.planes(); ++p) {
    const Rows rows = plane_rows(*format_, p, luma_);
    const Plane to = frame.plane(p);
    for (int y = rows.begin; y < rows.end; ++y)
      std::memcpy(to.data + to.stride * y, row(p, y),
                  static_cast<std::size_t>(format_->pixels.row_bytes(p, format_->width)));
  }
}

Bytes Strip::memory() const {
  Bytes all;
  for (const Bytes& block : blocks_) all.insert(all.end(), block.begin(), block.end());
  return all;
}

Clip clip(const Format& format, int frames) {
  Clip all;
  for (int i = 0; i < frames; ++i) all.push_back(picture(format, static_cast<unsigned>(i) * 7, i));
  return all;
}

Frame whole(const Stage& stage, const Format& out, const Clip& in, int index, Stage::State* state) {
  std::vector<View> views;
  for (const Frame& frame : in) views.emplace_back(frame);
  const Frame result = FramePool(out).make(in[static_cast<std::size_t>(index)]);
  stage.process(window(stage, views, in, index), View(result), state);
  return result;
}

Frame in_tiles(const Stage& stage, const Format& out, const Clip& in, int index,
               const std::vector<int>& cuts, Stage::State* state, std::uint8_t poison) {
  std::vector<Rows> tiles;
  int begin = 0;
  for (int cut : cuts) tiles.push_back({std::exchange(begin, cut), cut});
  tiles.push_back({begin, out.height});
  std::shuffle(tiles.begin(), tiles.end(), std::minstd_rand(poison));
  const Frame result = FramePool(out).make(in[static_cast<std::size_t>(index)]);
  for (Rows tile : tiles) {
    std::vector<Strip> strips;
    std::vector<View> views;
    std::vector<Bytes> before;
    const bool anywhere = stage.reach().space != Reach::Space::rows;
    for (const Frame& frame : in)
      strips.emplace_back(frame, input_rows(stage, frame.format(), tile), poison,
                          stage.reach().halo, anywhere ? Rows{0, frame.format().height} : tile);
    for (const Strip& strip : strips) {
      views.push_back(strip.view());
      before.push_back(strip.memory());
    }
    const Strip output(result.format(), tile, static_cast<std::uint8_t>(~poison));
    stage.process(window(stage, views, in, index), output.view(), state);
    EXPECT_TRUE(output.guards_intact()) << "wrote beyond rows " << tile.begin << ".." << tile.end;
    for (std::size_t i = 0; i < strips.size(); ++i)
      EXPECT_EQ(before[i] == strips[i].memory(), true) << "wrote into its input";
    output.copy_to(result);
  }
  return result;
}

std::vector<int> cuts_every(const Format& out, int rows) {
  const int step = rows << coarsest_shift(out);
  std::vector<int> cuts;
  for (int y = step; y < out.height; y += step) cuts.push_back(y);
  return cuts;
}

std::vector<int> random_cuts(const Format& out, unsigned seed) {
  std::minstd_rand random(seed + 1);
  std::vector<int> cuts;
  for (int y : cuts_every(out, 1))
    if (random() % 4 == 0) cuts.push_back(y);
  return cuts;
}

}  // namespace quadrant::test
