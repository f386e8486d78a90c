// SPDX-License-Identifier: MIT
// grain: adds noise like a film's. What is added to a sample depends on the seed, the frame's time,
// the plane and the position alone, by a hash of a counter (the mixer of MurmurHash3 over these
// numbers), so a frame has the same grain in every mode and in every segment, whoever does it.
//
// Four bytes of a hash, added, are near enough to a normal distribution (Irwin and Hall); grains of
// more than one sample are the mean of that many along the row and the column, scaled so that the
// strength stays the same. Black stays black: towards both ends of the range the grain fades out,
// as on film, and nothing is clipped unevenly, which would lighten the dark parts.
#include <cmath>
#include <vector>

#include "stages/samples.h"

namespace quadrant {
namespace {

std::uint32_t mixed(std::uint32_t h) {
  h ^= h >> 16;
  h *= 0x85ebca6bU;
  h ^= h >> 13;
  h *= 0xc2b2ae35U;
  return h ^ h >> 16;
}

class Grain final : public Stage {
 public:
  double strength = 4, chroma = 0;
  int size = 1;
  std::int64_t seed = 1;
  bool still = false;

  Format configure(const Format& in) override { return in; }
  std::unique_ptr<State> begin(const ParallelFor&) const override {
    return std::make_unique<Noise>();
  }

  void process(const Window& in, const Tile& out, State* state) const override {
    const std::int64_t time = still ? 0 : in.pts();
    for (int p = 0; p < out.planes(); ++p) {
      const double levels = is_chroma(p) ? chroma : strength;
      if (p == alpha_plane || levels == 0)
        copy_plane(in.now(), out, p);
      else
        with_sample_type(out.format(), [&](auto t) {
          add<decltype(t)>(in.now(), out, p, levels, time, static_cast<Noise&>(*state));
        });
    }
  }

 private:
  struct Noise final : State {
    std::vector<int> field, sums;  // of a row, with size - 1 more at its end
  };

  static constexpr int factor_bits = 15, fade_bits = 8;

  std::uint32_t key_of(std::int64_t time, int plane, int row) const {
    std::uint32_t key = 0;
    for (const std::uint64_t number :
         {static_cast<std::uint64_t>(seed), static_cast<std::uint64_t>(time),
          static_cast<std::uint64_t>(plane), static_cast<std::uint64_t>(row)}) {
      key = mixed(key * 5 + 0xe6546b64U + static_cast<std::uint32_t>(number));
      key = mixed(key * 5 + 0xe6546b64U + static_cast<std::uint32_t>(number >> 32));
    }
    return key;
  }

  // Adds the sum of four bytes, less their mean, of each place in the row.
  static void add_field(std::uint32_t key, std::vector<int>& field) {
    const auto width = static_cast<std::uint32_t>(field.size());
    int* to = field.data();
    for (std::uint32_t x = 0; x < width; ++x) {
      const std::uint32_t h = mixed(key + x * 0x9e3779b9U);
      const std::uint32_t pairs = (h & 0x00ff00ffU) + (h >> 8 & 0x00ff00ffU);
      to[x] += static_cast<int>((pairs & 0xffffU) + (pairs >> 16)) - 510;
    }
  }

  // The grain of one row, in units of one_sigma() for a standard deviation.
  const int* row_of(std::int64_t time, int plane, int row, int width, Noise& noise) const {
    noise.field.assign(static_cast<std::size_t>(width + size - 1), 0);
    for (int i = 0; i < size; ++i) add_field(key_of(time, plane, row + i), noise.field);
    noise.sums.resize(static_cast<std::size_t>(width));
    for (int x = 0; x < width; ++x) {
      int sum = 0;
      for (int i = 0; i < size; ++i) sum += noise.field[static_cast<std::size_t>(x + i)];
      noise.sums[static_cast<std::size_t>(x)] = sum;
    }
    return noise.sums.data();
  }
  double one_sigma() const { return size * std::sqrt(4 * (256.0 * 256 - 1) / 12); }

  template <class T>
  void add(const View& in, const Tile& out, int plane, double levels, std::int64_t time,
           Noise& noise) const {
    const Format& f = out.format();
    const Rows rows = out.rows(plane);
    const cv::Mat from = in.plane(plane, rows);
    cv::Mat to = out.plane(plane);
    const int shift = f.pixels.depth() - 8, top = peak(f);
    const double unit = levels / one_sigma() * (1 << factor_bits);
    const auto factor = static_cast<std::int64_t>(std::llround(unit * (1 << shift)));
    const bool colour = is_chroma(plane);
    const int low = colour ? 0 : black(f), high = colour ? peak(f) : white(f);
    constexpr int all = factor_bits + fade_bits;
    for (int y = 0; y < to.rows; ++y) {
      const int* grains = row_of(time, plane, rows.begin + y, to.cols, noise);
      const T* a = from.ptr<T>(y);
      T* b = to.ptr<T>(y);
      for (int x = 0; x < to.cols; ++x) {
        // 16 levels of 8 bits from either end it has its full strength.
        const int room = std::min(a[x] - low, high - a[x]);
        const int fade = std::clamp((room << (fade_bits - 4)) >> shift, 0, 1 << fade_bits);
        const std::int64_t v = grains[x] * factor * fade;
        b[x] = static_cast<T>(
            std::clamp<std::int64_t>(a[x] + ((v + (std::int64_t{1} << (all - 1))) >> all), 0, top));
      }
    }
  }
};

}  // namespace

StageInfo grain_stage() {
  return {.name = "grain",
          .summary = "Add noise like the grain of film",
          .kind = "point",
          .params =
              {param("strength", &Grain::strength,
                     "standard deviation on the luma, in levels of 8 bits at any depth")
                   .range(0, 64)
                   .unit("levels")
                   .shorthand(),
               param("chroma", &Grain::chroma, "the same on the chroma; 0: grain without colour")
                   .range(0, 64)
                   .unit("levels"),
               param("size", &Grain::size, "of a grain").range(1, 8).unit("samples"),
               param("seed", &Grain::seed, "another number gives other grain").range(0, 2147483647),
               param("still", &Grain::still, "the same grain on every frame")},
          .make = make_stage<Grain>};
}

}  // namespace quadrant
