// SPDX-License-Identifier: MIT
// What is defined on red, green and blue (curves, tables of colours, gains), done on the planes of
// YUV as they are. The function is called once for every luma sample, with the chroma sample that
// covers it; the new chroma sample is the mean of what the function gives for the luma samples
// under it. So a block of samples with one chroma sample depends on itself alone, any strips give
// the same, and a function that changes nothing changes no sample. Interpolating the chroma first
// would read beyond the block, and would not be undone exactly afterwards.
//
// Values are integers, and may lie below 0 and above 1: a legal signal has such colours, and a
// function that needs the range 0 to 1 limits it itself.
#pragma once

#include <array>
#include <cmath>
#include <vector>

#include "stages/samples.h"

namespace quadrant {

struct Rgb {  // 1 is `rgb_one`
  std::int64_t red = 0, green = 0, blue = 0;
};
inline constexpr int rgb_bits = 20;
inline constexpr std::int64_t rgb_one = std::int64_t{1} << rgb_bits;

struct LumaWeights {  // of red and blue; those of green are the rest (ITU-T H.273, table 4)
  double red = 0, blue = 0;
};

// Of the format's matrix, told or likely. Throws Error(input) for a matrix that is not made of such
// weights.
inline LumaWeights luma_weights(const Format& f) {
  switch (f.tells_matrix() ? f.colour.matrix : f.likely_matrix()) {
    case 1: return {0.2126, 0.0722};
    case 4: return {0.30, 0.11};
    case 5:
    case 6: return {0.299, 0.114};
    case 7: return {0.212, 0.087};
    case 9:
    case 10: return {0.2627, 0.0593};
    default: break;
  }
  fail(
      Fault::input,
      "cannot work on red, green and blue of {}: its matrix has no weights of luma; convert first, "
      "for example with ffmpeg: scale=out_color_matrix=bt709",
      f.describe());
}

class RgbBridge {
 public:
  RgbBridge() = default;
  explicit RgbBridge(const Format& format) : RgbBridge(format, format) {}
  // `out` has another matrix or range, but the same pixel format.
  RgbBridge(const Format& in, const Format& out) : format_(in) {
    read_from(in);
    write_to(out);
    black_in_ = black(in), black_out_ = black(out), neutral_ = neutral_chroma(in), peak_ = peak(in);
    log2_columns_ = in.pixels.log2_chroma_width(), log2_rows_ = in.pixels.log2_chroma_height();
  }

  // Fills all planes of `out` with f(Rgb) -> Rgb; alpha is copied.
  template <class Function>
  void apply(const View& in, const Tile& out, Function f) const {
    with_sample_type(format_, [&](auto sample) {
      using T = decltype(sample);
      if (format_.pixels.has_chroma())
        of_colours<T>(in, out, f);
      else
        of_gray<T>(in, out, f);
    });
    if (out.planes() > alpha_plane) copy_plane(in, out, alpha_plane);
  }

 private:
  static constexpr int fine = 23;  // bits of the coefficients beyond a sample or rgb_one

  struct Spans {  // of a format's samples, and its weights
    double kr = 0, kb = 0, luma = 0, chroma = 0;
  };
  static Spans spans_of(const Format& f) {
    const LumaWeights w = f.pixels.has_chroma() ? luma_weights(f) : LumaWeights{0.2126, 0.0722};
    const int chroma = f.full_range() ? peak(f) : 224 << (f.pixels.depth() - 8);
    return {w.red, w.blue, double(white(f) - black(f)), double(chroma)};
  }
  void read_from(const Format& f) {
    const auto [kr, kb, luma, chroma] = spans_of(f);
    const double kg = 1 - kr - kb, unit = std::exp2(rgb_bits + fine);
    of_luma_ = std::llround(unit / luma);
    red_of_cr_ = std::llround(unit * 2 * (1 - kr) / chroma);
    blue_of_cb_ = std::llround(unit * 2 * (1 - kb) / chroma);
    green_of_cr_ = std::llround(unit * 2 * kr * (1 - kr) / kg / chroma);
    green_of_cb_ = std::llround(unit * 2 * kb * (1 - kb) / kg / chroma);
  }
  void write_to(const Format& f) {
    const auto [kr, kb, luma, chroma] = spans_of(f);
    const double unit = std::exp2(fine);
    red_ = std::llround(unit * kr * luma);
    blue_ = std::llround(unit * kb * luma);
    green_ = std::llround(unit * luma) - red_ - blue_;
    cb_ = std::llround(unit * chroma / (2 * (1 - kb)));
    cr_ = std::llround(unit * chroma / (2 * (1 - kr)));
    kr_ = std::llround(kr * rgb_one), kb_ = std::llround(kb * rgb_one);
  }

  struct Chroma {  // what it adds to each
    std::int64_t red = 0, green = 0, blue = 0;
  };

  Chroma chroma_of(int cb, int cr) const {
    const std::int64_t half = std::int64_t{1} << (fine - 1);
    const std::int64_t b = cb - neutral_, r = cr - neutral_;
    return {(r * red_of_cr_ + half) >> fine,
            -((r * green_of_cr_ + b * green_of_cb_ + half) >> fine),
            (b * blue_of_cb_ + half) >> fine};
  }
  std::int64_t level(int luma) const {
    return ((luma - black_in_) * of_luma_ + (std::int64_t{1} << (fine - 1))) >> fine;
  }
  static Rgb limited(Rgb v) {
    const auto within = [](std::int64_t x) { return std::clamp(x, -4 * rgb_one, 4 * rgb_one); };
    return {within(v.red), within(v.green), within(v.blue)};
  }
  template <class T>
  T luma_of(const Rgb& v) const {
    const std::int64_t sum = v.red * red_ + v.green * green_ + v.blue * blue_;
    return sample<T>(black_out_, sum);
  }
  template <class T>
  T sample(int base, std::int64_t sum) const {
    constexpr int shift = fine + rgb_bits;
    const std::int64_t v = base + ((sum + (std::int64_t{1} << (shift - 1))) >> shift);
    return static_cast<T>(std::clamp<std::int64_t>(v, 0, peak_));
  }

  // One row of chroma and the rows of luma that it covers.
  template <class T, class Function>
  void of_colours(const View& in, const Tile& out, Function& f) const {
    const int log2_rows = log2_rows_;
    const Rows luma = out.rows(luma_plane), chroma = out.rows(1);
    const cv::Mat y = in.plane(0, luma), cb = in.plane(1, chroma), cr = in.plane(2, chroma);
    cv::Mat to_y = out.plane(0), to_cb = out.plane(1), to_cr = out.plane(2);
    for (int row = 0; row < to_cb.rows; ++row) {
      const Rows under{row << log2_rows, std::min((row + 1) << log2_rows, to_y.rows)};
      for (int x = 0; x < to_cb.cols; ++x) {
        const Rgb mean =
            block<T>(y, to_y, under, x, chroma_of(cb.ptr<T>(row)[x], cr.ptr<T>(row)[x]), f);
        const std::int64_t green = rgb_one - kr_ - kb_;
        const std::int64_t level =
            (mean.red * kr_ + mean.green * green + mean.blue * kb_ + rgb_one / 2) >> rgb_bits;
        to_cb.ptr<T>(row)[x] = sample<T>(neutral_, (mean.blue - level) * cb_);
        to_cr.ptr<T>(row)[x] = sample<T>(neutral_, (mean.red - level) * cr_);
      }
    }
  }

  // Fills the luma under one chroma sample; returns the mean of the new colours.
  template <class T, class Function>
  Rgb block(const cv::Mat& y, cv::Mat& to, Rows rows, int column, const Chroma& c,
            Function& f) const {
    const int log2_columns = log2_columns_;
    const int begin = column << log2_columns, end = std::min((column + 1) << log2_columns, y.cols);
    Rgb sum;
    for (int row = rows.begin; row < rows.end; ++row) {
      const T* from = y.ptr<T>(row);
      T* there = to.ptr<T>(row);
      for (int x = begin; x < end; ++x) {
        const std::int64_t v = level(from[x]);
        const Rgb made = limited(f(Rgb{v + c.red, v + c.green, v + c.blue}));
        there[x] = luma_of<T>(made);
        sum.red += made.red, sum.green += made.green, sum.blue += made.blue;
      }
    }
    const int count = rows.size() * (end - begin);
    return {mean_of(sum.red, count), mean_of(sum.green, count), mean_of(sum.blue, count)};
  }
  // Rounded down at the half; division only at the edges of odd sizes.
  static std::int64_t mean_of(std::int64_t sum, int count) {
    if (count == 1) return sum;
    if (count == 4) return (sum + 2) >> 2;
    if (count == 2) return (sum + 1) >> 1;
    const std::int64_t up = sum + count / 2 + 64 * rgb_one * count;  // above 0
    return up / count - 64 * rgb_one;
  }

  template <class T, class Function>
  void of_gray(const View& in, const Tile& out, Function& f) const {
    const cv::Mat y = in.plane(0, out.rows(luma_plane));
    cv::Mat to = out.plane(0);
    for (int row = 0; row < to.rows; ++row)
      for (int x = 0; x < to.cols; ++x) {
        const std::int64_t v = level(y.ptr<T>(row)[x]);
        to.ptr<T>(row)[x] = luma_of<T>(limited(f(Rgb{v, v, v})));
      }
  }

  Format format_;  // of the input
  // Of the formats, which look them up each time.
  int black_in_ = 0, black_out_ = 0, neutral_ = 0, peak_ = 0, log2_columns_ = 0, log2_rows_ = 0;
  std::int64_t of_luma_ = 0, red_of_cr_ = 0, blue_of_cb_ = 0, green_of_cr_ = 0, green_of_cb_ = 0;
  std::int64_t red_ = 0, green_ = 0, blue_ = 0, cb_ = 0, cr_ = 0, kr_ = 0, kb_ = 0;
};

// A function of one channel between 0 and 1, tabulated; arguments outside are limited to it.
class RgbTable {
 public:
  RgbTable() = default;
  template <class Function>
  explicit RgbTable(Function f) : values_(size + 2) {
    for (int i = 0; i <= size; ++i)
      values_[static_cast<std::size_t>(i)] = std::llround(f(double{1} * i / size) * rgb_one);
    values_[size + 1] = values_[size];
  }
  bool empty() const { return values_.empty(); }
  std::int64_t operator()(std::int64_t v) const {
    if (values_.empty()) return v;
    v = std::clamp<std::int64_t>(v, 0, rgb_one);
    const auto i = static_cast<std::size_t>(v >> shift);
    const std::int64_t beyond = v & ((std::int64_t{1} << shift) - 1);
    return values_[i] + (((values_[i + 1] - values_[i]) * beyond) >> shift);
  }

 private:
  static constexpr int size = 4096, shift = rgb_bits - 12;
  std::vector<std::int64_t> values_;
};

}  // namespace quadrant
