// SPDX-License-Identifier: MIT
// redact: makes regions unrecognisable: faces, number plates, screens. Where they are comes from
// the configuration or from a track (regions.h); a sample that a region touches, if only partly, is
// redacted, and chroma with the luma that it belongs to.
//
// `pixelate` gives all samples of a block their mean; `blur` interpolates between the means of the
// blocks, so it holds no more detail than pixelate does, while what a Gaussian takes away can be
// brought back in part; `fill` leaves nothing. Blocks lie on a grid of the whole picture, so they
// do not depend on strips.
#include <cmath>

#include "stages/regions.h"
#include "stages/samples.h"

namespace quadrant {
namespace {

// The columns of luma that a region covers in one row: begin <= column < end.
Rows columns_of(const Box& box, bool ellipse, int row) {
  if (row + 1 <= box.y || row >= box.y + box.height || box.width <= 0) return {};
  double half = box.width / 2;
  const double middle = box.y + box.height / 2;
  if (ellipse) {
    const double away = std::max({0.0, row - middle, middle - row - 1}) / (box.height / 2);
    half *= std::sqrt(std::max(0.0, 1 - away * away));
  }
  const double centre = box.x + box.width / 2;
  constexpr double most = 1 << 20;
  return {static_cast<int>(std::floor(std::clamp(centre - half, -most, most))),
          static_cast<int>(std::ceil(std::clamp(centre + half, -most, most)))};
}

class Redact final : public Stage {
 public:
  std::string regions, track, shape = "rectangle", effect = "blur", colour = "black";
  int strength = 32;
  double margin = 0, hold = 0.2, start = 0, end = 0;

  Format configure(const Format& in) override {
    if (regions.empty() && track.empty())
      fail(Fault::usage, "regions or track must be given: what is to be redacted");
    regions_ = regions_of(regions, shape == "ellipse");
    if (!track.empty())
      for (Region& region : track_of(track, shape == "ellipse"))
        regions_.push_back(std::move(region));
    return in;
  }
  std::vector<std::string> files() const override {
    return track.empty() ? std::vector<std::string>() : std::vector{track};
  }
  Reach reach() const override { return {.halo = effect == "fill" ? 0 : 2 * strength}; }
  std::unique_ptr<State> begin(const ParallelFor&) const override {
    return std::make_unique<Means>();
  }

  void process(const Window& in, const Tile& out, State* state) const override {
    const double now = in.seconds();
    const bool on = now >= start && (end == 0 || now < end);
    for (int p = 0; p < out.planes(); ++p) {
      copy_plane(in.now(), out, p);
      if (on && p != alpha_plane)
        for (const Region& region : regions_)
          with_sample_type(out.format(), [&](auto t) {
            cover<decltype(t)>(in.now(), out, p, region, box_at(region, now, margin, hold),
                               static_cast<Means&>(*state));
          });
    }
  }

 private:
  static constexpr int mean_bits = 4;  // of a mean's fraction

  struct Means final : State {  // of blocks; of one plane, for one tile
    Rows rows, columns;         // in blocks
    std::vector<std::int64_t> values;
    std::int64_t at(int row, int column) const {
      return values[static_cast<std::size_t>((row - rows.begin) * columns.size() + column -
                                             columns.begin)];
    }
  };
  struct Block {  // size of one, and how many there are
    int width = 1, height = 1, columns = 1, rows = 1;
  };

  Block block_of(const Format& f, int plane) const {
    const int w = std::max(1, strength >> f.pixels.log2_width(plane));
    const int h = std::max(1, strength >> f.pixels.log2_height(plane));
    return {w, h, (f.plane_width(plane) + w - 1) / w, (f.plane_height(plane) + h - 1) / h};
  }

  // The columns of a plane that a region covers in one of its rows.
  static Rows covered(const Format& f, int plane, const Region& region, const Box& box, int row) {
    const int log2_x = f.pixels.log2_width(plane), log2_y = f.pixels.log2_height(plane);
    Rows all;
    for (int y = row << log2_y; y < (row + 1) << log2_y; ++y) {
      const Rows columns = columns_of(box, region.ellipse, y);
      if (columns.size() <= 0) continue;
      all = all.size() > 0
                ? Rows{std::min(all.begin, columns.begin), std::max(all.end, columns.end)}
                : columns;
    }
    const int width = f.plane_width(plane);
    return {std::clamp(all.begin >> log2_x, 0, width), std::clamp(-(-all.end >> log2_x), 0, width)};
  }

  template <class T>
  void cover(const View& in, const Tile& out, int plane, const Region& region, const Box& box,
             Means& means) const {
    if (box.width <= 0) return;
    const Format& f = out.format();
    const Rows tile = out.rows(plane);
    std::vector<Rows> spans;
    Rows rows{tile.end, tile.begin}, columns{f.plane_width(plane), 0};
    for (int row = tile.begin; row < tile.end; ++row) {
      spans.push_back(covered(f, plane, region, box, row));
      if (spans.back().size() <= 0) continue;
      rows = {std::min(rows.begin, row), row + 1};
      columns = {std::min(columns.begin, spans.back().begin),
                 std::max(columns.end, spans.back().end)};
    }
    if (rows.size() <= 0) return;
    const Block block = block_of(f, plane);
    if (effect != "fill") find_means<T>(in, plane, block, rows, columns, means);
    cv::Mat to = out.plane(plane);
    for (int row = rows.begin; row < rows.end; ++row)
      redact_row(to.ptr<T>(row - tile.begin), spans[static_cast<std::size_t>(row - tile.begin)],
                 row, plane, f, block, means);
  }

  template <class T>
  void redact_row(T* to, Rows span, int row, int plane, const Format& f, const Block& block,
                  const Means& means) const {
    const int flat = nominal(f, plane, colour);
    const bool pixelate = effect == "pixelate", fill = effect == "fill";
    for (int x = span.begin; x < span.end; ++x)
      if (fill)
        to[x] = static_cast<T>(flat);
      else if (pixelate)
        to[x] = static_cast<T>((means.at(row / block.height, x / block.width) + 8) >> mean_bits);
      else
        to[x] = static_cast<T>(interpolated(means, block, row, x));
  }

  // Between the middles of the four nearest blocks.
  static std::int64_t interpolated(const Means& means, const Block& b, int row, int column) {
    const auto [up, down, of_down] = neighbours(row, b.height, b.rows);
    const auto [left, right, of_right] = neighbours(column, b.width, b.columns);
    const std::int64_t w = std::int64_t{2} * b.width, h = std::int64_t{2} * b.height,
                       whole = (w * h) << mean_bits;
    const std::int64_t upper = means.at(up, left) * (w - of_right) + means.at(up, right) * of_right;
    const std::int64_t lower =
        means.at(down, left) * (w - of_right) + means.at(down, right) * of_right;
    return (upper * (h - of_down) + lower * of_down + whole / 2) / whole;
  }
  struct Neighbours {
    int first = 0, second = 0;
    std::int64_t of_second = 0;  // of twice the block's size
  };
  static Neighbours neighbours(int at, int size, int blocks) {
    const int twice = 2 * at + 1 + size;  // from the middle of block -1, counted in halves
    const int second = twice / (2 * size);
    return {std::clamp(second - 1, 0, blocks - 1), std::clamp(second, 0, blocks - 1),
            twice % (2 * size)};
  }

  // Of all blocks that the given part of a plane needs.
  template <class T>
  void find_means(const View& in, int plane, const Block& b, Rows rows, Rows columns,
                  Means& means) const {
    const int more = effect == "blur" ? 1 : 0;
    means.rows = {std::max(0, rows.begin / b.height - more),
                  std::min(b.rows, (rows.end - 1) / b.height + 1 + more)};
    means.columns = {std::max(0, columns.begin / b.width - more),
                     std::min(b.columns, (columns.end - 1) / b.width + 1 + more)};
    means.values.clear();
    const int width = in.format().plane_width(plane), height = in.format().plane_height(plane);
    for (int row = means.rows.begin; row < means.rows.end; ++row) {
      const Rows inside{row * b.height, std::min(height, (row + 1) * b.height)};
      const cv::Mat samples = in.plane(plane, inside);
      for (int column = means.columns.begin; column < means.columns.end; ++column)
        means.values.push_back(
            mean<T>(samples, {column * b.width, std::min(width, (column + 1) * b.width)}));
    }
  }
  template <class T>
  static std::int64_t mean(const cv::Mat& samples, Rows columns) {
    std::int64_t sum = 0;
    for (int y = 0; y < samples.rows; ++y)
      for (int x = columns.begin; x < columns.end; ++x) sum += samples.ptr<T>(y)[x];
    const std::int64_t count = std::int64_t{samples.rows} * columns.size();
    return ((sum << mean_bits) + count / 2) / count;
  }

  std::vector<Region> regions_;
};

}  // namespace

StageInfo redact_stage() {
  return {
      .name = "redact",
      .summary = "Make regions unrecognisable: blur, pixelate or fill",
      .kind = "halo",
      .params =
          {param("regions", &Redact::regions,
                 "\"X Y WIDTH HEIGHT\" in samples, or with keyframes in seconds \"0: 10 20 64 "
                 "64, 2.5: 200 20 64 64\"; several with ; between them")
               .shorthand(),
           param("track", &Redact::track,
                 "a file with a line of JSON per keyframe: id, time, x, y, width, height, and "
                 "perhaps shape; part of the job"),
           param("shape", &Redact::shape, "of regions that do not say theirs")
               .one_of({"rectangle", "ellipse"}),
           param("effect", &Redact::effect, "what is done to a region")
               .one_of({"blur", "pixelate", "fill"}),
           param("strength", &Redact::strength, "size of the blocks whose detail is removed")
               .range(4, 128)
               .steps_of(4)
               .unit("samples"),
           param("colour", &Redact::colour, "of what is filled").one_of({"black", "gray", "white"}),
           param("margin", &Redact::margin, "added to all sides of each region")
               .range(0, 1024)
               .unit("samples"),
           param("hold", &Redact::hold,
                 "how much earlier a region of a track begins, and later it ends")
               .range(0, 60)
               .unit("s"),
           param("start", &Redact::start, "when it begins").range(0, 1e6).unit("s"),
           param("end", &Redact::end, "when it ends; 0: with the video").range(0, 1e6).unit("s")},
      .make = make_stage<Redact>};
}

}  // namespace quadrant
