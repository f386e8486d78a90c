// SPDX-License-Identifier: MIT
#include "stages/layer.h"

#include <cmath>

#include "pipeline/media/scaler.h"

namespace quadrant {
namespace {

constexpr std::uint32_t opaque = 1 << 16;

std::uint32_t weight_of(std::uint16_t alpha) { return std::uint32_t{alpha} + (alpha >> 15); }

// Another width; the result lies on its side, so that two calls change both sides.
Sheet resized_and_turned(const Sheet& in, int width) {
  Sheet out(in.height, width);
  const double step = static_cast<double>(in.width) / width, radius = std::max(1.0, step);
  for (int x = 0; x < width; ++x) {
    const double centre = (x + 0.5) * step;
    const int begin = std::max(0, static_cast<int>(std::floor(centre - radius)));
    const int end = std::min(in.width, static_cast<int>(std::ceil(centre + radius)));
    std::vector<double> weights;
    double all = 0;
    for (int i = begin; i < end; ++i) {
      weights.push_back(std::max(0.0, 1 - std::abs(i + 0.5 - centre) / radius));
      all += weights.back();
    }
    for (int y = 0; y < in.height; ++y) {
      double sum = 0;
      for (int i = begin; i < end; ++i)
        sum += weights[static_cast<std::size_t>(i - begin)] * in.at(i, y);
      out.at(y, x) = sum / all;
    }
  }
  return out;
}

// `picture` as 16 bits of `like`'s matrix and range, with alpha.
Frame converted(const Frame& picture, const Format& like) {
  Format wanted = picture.format();
  wanted.pixels = PixelFormat::named("yuva444p16le");
  wanted.colour.range = like.full_range() ? 2 : 1;
  wanted.colour.matrix = like.tells_matrix() ? like.colour.matrix : like.likely_matrix();
  Frame made = FramePool(wanted).make(picture);
  const View from(picture), to(made);
  Scaler(picture.format(), wanted, ScaleMethod::bicubic)
      .rows(from.whole_planes(), to.whole_planes(), 0, wanted.height);
  return made;
}

// The mean of what lies under one sample of a plane; outside of the sheet there is nothing.
double mean_under(const Format& f, const Sheet& s, int left, int top, int plane, int column,
                  int row) {
  const int log2_x = f.pixels.log2_width(plane), log2_y = f.pixels.log2_height(plane);
  double sum = 0;
  int count = 0;
  for (int j = row << log2_y; j < std::min(f.height, (row + 1) << log2_y); ++j)
    for (int i = column << log2_x; i < std::min(f.width, (column + 1) << log2_x); ++i, ++count)
      if (i >= left && j >= top && i - left < s.width && j - top < s.height)
        sum += s.at(i - left, j - top);
  return sum / std::max(1, count);
}

// The frame's own alpha under one sample of a plane.
template <class T>
std::uint64_t alpha_under(const View& in, int plane, int column, int row) {
  const Format& f = in.format();
  const int log2_x = f.pixels.log2_width(plane), log2_y = f.pixels.log2_height(plane);
  const cv::Mat alpha = in.plane(alpha_plane);
  const int first = in.rows(alpha_plane).begin;
  std::uint64_t sum = 0, count = 0;
  for (int j = row << log2_y; j < std::min(f.height, (row + 1) << log2_y); ++j)
    for (int i = column << log2_x; i < std::min(f.width, (column + 1) << log2_x); ++i, ++count)
      sum += alpha.ptr<T>(j - first)[i];
  return std::min<std::uint64_t>((sum + count / 2) / count, static_cast<std::uint64_t>(peak(f)));
}

}  // namespace

Sheet resized(const Sheet& in, int width, int height) {
  return resized_and_turned(resized_and_turned(in, width), height);
}

Multiplied multiplied(const Frame& picture, const Format& like) {
  const Frame made = converted(picture, like);
  const View samples(made);
  const Format& f = made.format();
  const double unit =
      like.full_range() ? peak(like) / 65535.0 : std::exp2(like.pixels.depth() - 16);
  Multiplied result{std::vector<Sheet>(4, Sheet(f.width, f.height))};
  const std::array<cv::Mat, 4> planes{samples.plane(0), samples.plane(1), samples.plane(2),
                                      samples.plane(alpha_plane)};
  for (int y = 0; y < f.height; ++y)
    for (int x = 0; x < f.width; ++x) {
      const double alpha = planes[alpha_plane].ptr<std::uint16_t>(y)[x] / 65535.0;
      result.sheets[alpha_plane].at(x, y) = alpha;
      for (int p = 0; p < 3; ++p) {
        const int from = is_chroma(p) ? 32768 : 0, to = is_chroma(p) ? neutral_chroma(like) : 0;
        const auto i = static_cast<std::size_t>(p);
        const double v = (planes[i].ptr<std::uint16_t>(y)[x] - from) * unit + to;
        result.sheets[i].at(x, y) = alpha * v;
      }
    }
  return result;
}

Layer::Layer(const Format& format, const Multiplied& picture, int left, int top, double opacity) {
  for (int p = 0; p < format.pixels.planes(); ++p)
    parts_.push_back(part(format, p, picture, left, top, opacity));
}

Layer::Part Layer::part(const Format& format, int plane, const Multiplied& picture, int left,
                        int top, double opacity) const {
  const auto covered = [](int begin, int size, int all, int log2_step) {
    const int first = std::clamp(begin, 0, all), last = std::clamp(begin + size, 0, all);
    return Rows{first >> log2_step, -(-last >> log2_step)};
  };
  const Rows columns =
      covered(left, picture.width(), format.width, format.pixels.log2_width(plane));
  Part part{columns.begin,
            columns.size(),
            covered(top, picture.height(), format.height, format.pixels.log2_height(plane)),
            {},
            {}};
  const Sheet &alphas = picture.sheets[alpha_plane],
              &samples = picture.sheets[static_cast<std::size_t>(plane)];
  const double most = peak(format), unit = plane == alpha_plane ? most : 1;
  for (int row = part.rows.begin; row < part.rows.end; ++row)
    for (int column = columns.begin; column < columns.end; ++column) {
      const double a = opacity * mean_under(format, alphas, left, top, plane, column, row);
      const double v = opacity * mean_under(format, samples, left, top, plane, column, row) * unit;
      part.alphas.push_back(static_cast<std::uint16_t>(std::lround(std::clamp(a, 0., 1.) * 65535)));
      part.multiplied.push_back(static_cast<std::uint32_t>(
          std::llround(std::clamp(v * opaque, 0.0, most * weight_of(part.alphas.back())))));
    }
  return part;
}

void Layer::apply(const View& in, const Tile& out) const {
  for (int p = 0; p < out.planes(); ++p) copy_plane(in, out, p);
  with_sample_type(out.format(), [&](auto t) {
    for (int p = 0; p < out.planes(); ++p)
      if (out.planes() > alpha_plane)
        over_alpha<decltype(t)>(in, out, p);
      else
        over<decltype(t)>(out, p);
  });
}

template <class T>
void Layer::over(const Tile& out, int plane) const {
  const Part& part = parts_[static_cast<std::size_t>(plane)];
  const Rows tile = out.rows(plane), rows = part.within(tile);
  cv::Mat to = out.plane(plane);
  for (int row = rows.begin; row < rows.end; ++row) {
    T* samples = to.ptr<T>(row - tile.begin) + part.x;
    const std::uint16_t* alphas = part.alphas.data() + part.index(row);
    const std::uint32_t* made = part.multiplied.data() + part.index(row);
    for (int i = 0; i < part.width; ++i)
      samples[i] = static_cast<T>(
          (samples[i] * (opaque - weight_of(alphas[i])) + made[i] + opaque / 2) >> 16);
  }
}

template <class T>
void Layer::over_alpha(const View& in, const Tile& out, int plane) const {
  const Part& part = parts_[static_cast<std::size_t>(plane)];
  const Rows tile = out.rows(plane), rows = part.within(tile);
  const auto top = static_cast<std::uint64_t>(peak(out.format()));
  cv::Mat to = out.plane(plane);
  for (int row = rows.begin; row < rows.end; ++row) {
    T* samples = to.ptr<T>(row - tile.begin) + part.x;
    for (int i = 0; i < part.width; ++i) {
      const std::size_t at = part.index(row) + static_cast<std::size_t>(i);
      const std::uint64_t above = weight_of(part.alphas[at]);
      const std::uint64_t under = alpha_under<T>(in, plane, part.x + i, row);
      const std::uint64_t below = ((opaque - above) * under + top / 2) / top;
      const std::uint64_t both = above + below;
      if (above == 0) continue;
      if (plane == alpha_plane)
        samples[i] = static_cast<T>((both * top + opaque / 2) >> 16);
      else
        samples[i] = static_cast<T>(std::min<std::uint64_t>(
            top, (part.multiplied[at] + samples[i] * below + both / 2) / both));
    }
  }
}

}  // namespace quadrant
