// SPDX-License-Identifier: MIT
// Each kernel gives the same bytes on every instruction set of this machine as its scalar form:
// every depth, sizes around those of vectors, values that saturate, and parameters at their limits.
#include <gtest/gtest.h>

#include <random>

#include "stages/gaussian.h"
#include "stages/kernels/linear.h"
#include "stages/kernels/median.h"
#include "stages/kernels/non_local_means.h"
#include "stages/kernels/temporal_mean.h"
#include "stages/lookup.h"
#include "tests/kernel_targets.h"
#include "tests/pictures.h"

namespace quadrant::kernels {
namespace {

// Runs the test once for each instruction set.
class Kernels : public testing::TestWithParam<std::int64_t> {
 protected:
  void SetUp() override { hwy::SetSupportedTargetsForTest(GetParam()); }
  void TearDown() override { hwy::SetSupportedTargetsForTest(0); }
};

INSTANTIATE_TEST_SUITE_P(All, Kernels, testing::ValuesIn(test::kernel_targets()),
                         [](const auto& test) { return hwy::TargetName(test.param); });

using Size = std::pair<int, int>;
constexpr Size sizes[] = {{1, 1}, {5, 3}, {16, 8}, {33, 21}, {131, 17}, {620, 14}};

// A plane of `depth` bits in rows with `gap` bytes between them that no kernel may write.
struct Samples {
  Samples(Size size, int depth) : width(size.first), height(size.second), depth(depth) {
    stride = width * bytes() + gap;
    memory.assign(std::size_t(stride * height), 0xee);
  }
  int bytes() const { return depth == 8 ? 1 : 2; }
  std::uint8_t* row(int y) { return memory.data() + y * stride; }
  Source source() { return {memory.data(), stride, width, height}; }

  static constexpr int gap = 6;
  int width, height, depth;
  std::ptrdiff_t stride;
  std::vector<std::uint8_t> memory;
};

// Areas of little noise, areas of any values, and both extremes.
Samples noise(Size size, int depth, unsigned seed) {
  Samples s(size, depth);
  std::mt19937 random(seed);
  const unsigned peak = (1u << depth) - 1;
  for (int y = 0; y < s.height; ++y)
    for (int x = 0; x < s.width; ++x) {
      const unsigned kind = unsigned(x / 7 + y / 5) % 4, any = random();
      const unsigned v = kind == 0   ? any & peak
                         : kind == 1 ? any % 2 * peak
                                     : (peak / kind + any % (peak / 12)) & peak;
      if (depth == 8)
        s.row(y)[x] = std::uint8_t(v);
      else
        reinterpret_cast<std::uint16_t*>(s.row(y))[x] = std::uint16_t(v);
    }
  return s;
}

TEST_P(Kernels, NonLocalMeans) {
  NonLocalMeansMemory memory;  // used again and again, as a worker's is
  for (int depth : {8, 10, 16})
    for (Size size : sizes)
      for (auto [patch, search] : {std::pair{3, 7}, {5, 5}, {7, 15}, {9, 9}, {3, 31}})
        for (double strength : {1e-4, 3.0, 10.0, 100.0}) {
          if (size.first > 100 && (search > 9 || strength != 10)) continue;
          Samples in = noise(size, depth, 1), expected(size, depth), got(size, depth);
          const NonLocalMeans how(strength, patch, search, depth);
          non_local_means_scalar(how, in.source(), 0, in.height, expected.row(0), expected.stride);
          for (int begin = 0, end; begin < in.height; begin = end) {
            end = std::min(in.height, begin + 9);
            non_local_means(how, in.source(), begin, end, got.row(begin), got.stride, memory);
          }
          ASSERT_EQ(expected.memory, got.memory)
              << in.width << "x" << in.height << ", " << depth << " bits, patch " << patch
              << ", search " << search << ", strength " << strength;
        }
}

// Any values, up to 16 bits, also beyond the depth: those of damaged samples.
std::vector<std::uint16_t> any_words(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<std::uint16_t> result(count);
  for (auto& v : result) v = std::uint16_t(random() % 5 == 0 ? 65535 : random());
  return result;
}

const std::uint8_t* bytes_of(const std::vector<std::uint16_t>& words) {
  return reinterpret_cast<const std::uint8_t*>(words.data());
}

// The four steps of blur and sharpen on rows of `width` samples.
void try_gaussian(const Taps& taps, int width) {
  const std::size_t size = std::size_t(width), around = size + 2 * std::size_t(taps.radius());
  std::vector<std::vector<std::uint16_t>> rows;
  std::vector<const std::uint8_t*> lines;
  for (int i = 0; i <= 2 * taps.radius(); ++i) rows.push_back(any_words(size, unsigned(i)));
  for (const auto& row : rows) lines.push_back(bytes_of(row));
  const std::uint8_t** middle = lines.data() + taps.radius();
  std::vector<std::uint16_t> expected(size + 1, 7), got = expected;
  const auto same = [&](const char* step) {
    EXPECT_EQ(expected, got) << step << ", " << width << " samples of " << taps.depth
                             << " bits, radius " << taps.radius();
  };
  mean_down_scalar(taps, middle, width, expected.data());
  mean_down(taps, middle, width, got.data());
  same("down");
  const auto means = any_words(around, 99);
  mean_along_scalar(taps, means.data() + taps.radius(), width, expected.data());
  mean_along(taps, means.data() + taps.radius(), width, got.data());
  same("along");
  const auto out = [](std::vector<std::uint16_t>& v) {
    return reinterpret_cast<std::uint8_t*>(v.data());
  };
  std::vector<std::uint16_t> blurred = any_words(size, 98);
  if (taps.depth == 8)  // what bytes can give
    for (auto& v : blurred) v = std::uint16_t(v % 32700);
  round_means_scalar(taps, blurred.data(), width, out(expected));
  round_means(taps, blurred.data(), width, out(got));
  same("round");
  auto samples = rows[0];
  if (taps.depth > 8)
    for (auto& v : samples) v = std::uint16_t(v & ((1 << taps.depth) - 1));
  for (int factor : {0, 614, 1 << factor_bits, 10 << factor_bits}) {
    add_detail_scalar(taps, factor, bytes_of(samples), blurred.data(), width, out(expected));
    add_detail(taps, factor, bytes_of(samples), blurred.data(), width, out(got));
    same("detail");
  }
}

TEST_P(Kernels, Gaussian) {
  for (const char* pixels : {"gray", "gray9le", "gray10le", "gray12le", "gray16le"})
    for (double sigma : {0.1, 0.5, 1.0, 2.0, 5.0, 20.0})
      for (int width : {1, 7, 8, 16, 31, 32, 33, 67, 128, 300})
        try_gaussian(Gaussian(sigma, test::format(pixels, 64, 48)).taps(), width);
}

TEST_P(Kernels, Linear) {
  for (int depth : {8, 9, 10})
    for (int width : {1, 8, 19, 32, 65, 500})
      for (auto [factor, offset] : {std::pair{8192, 4096},
                                    {9011, -5000},
                                    {32000, 8191 << 13},
                                    {-32000, -(8191 << 13)},
                                    {0, 1 << 20}}) {
        Samples in = noise({width, 1}, depth, 1), expected({width, 1}, depth), got = expected;
        if (depth > 8) reinterpret_cast<std::uint16_t*>(in.row(0))[0] = 65535;  // damaged
        const Linear line{factor, offset, depth};
        apply_scalar(line, in.row(0), width, expected.row(0));
        apply(line, in.row(0), width, got.row(0));
        EXPECT_EQ(expected.memory, got.memory) << width << ", " << depth << " bits, " << factor;
      }
}

// That the line gives the table is checked where it is made; that it is found, here.
TEST(LookupTable, IsALineWhereItCanBe) {
  for (const char* pixels : {"gray", "gray10le"}) {
    const Format format = test::format(pixels, 8, 8);
    const int middle = 1 << (format.pixels.depth() - 1);
    const auto is_line = [&](auto f) { return LookupTable(format, f).is_line(); };
    for (double factor : {0.0, 0.5, 1.0, 1.3, 1.7, 2.0, 3.0})
      EXPECT_TRUE(is_line([&](int v) { return middle + (v - middle) * factor; })) << factor;
    EXPECT_FALSE(is_line([&](int v) { return std::sqrt(double(v)); }));
  }
}

TEST_P(Kernels, Median) {
  for (int depth : {8, 10, 16})
    for (int radius : {1, 2})
      for (int width : {1, 2, 3, 5, 8, 17, 33, 36, 63, 68, 200}) {
        std::vector<Samples> rows;
        std::vector<const std::uint8_t*> lines;
        for (int i = 0; i <= 2 * radius; ++i) rows.push_back(noise({width, 1}, depth, unsigned(i)));
        for (Samples& row : rows) lines.push_back(row.row(0));
        Samples expected({width, 1}, depth), got = expected;
        median_scalar(lines.data() + radius, radius, depth, width, expected.row(0));
        median(lines.data() + radius, radius, depth, width, got.row(0));
        EXPECT_EQ(expected.memory, got.memory) << width << ", " << depth << " bits, " << radius;
      }
}

TEST_P(Kernels, TemporalMean) {
  for (int depth : {8, 9, 10, 12, 16})
    for (int count = 0; count <= 8; ++count)
      for (int strength : {1, 6, 32})
        for (int width : {1, 8, 19, 32, 65, 500}) {
          std::vector<Samples> rows;
          std::vector<const std::uint8_t*> lines;
          for (int i = 0; i <= count; ++i) rows.push_back(noise({width, 1}, depth, unsigned(i)));
          for (Samples& row : rows) lines.push_back(row.row(0));
          Samples expected({width, 1}, depth), got = expected;
          temporal_mean_scalar(lines[0], lines.data() + 1, count, strength, depth, width,
                               expected.row(0));
          temporal_mean(lines[0], lines.data() + 1, count, strength, depth, width, got.row(0));
          EXPECT_EQ(expected.memory, got.memory)
              << width << ", " << depth << " bits, " << count << " frames, strength " << strength;
        }
}

}  // namespace
}  // namespace quadrant::kernels
