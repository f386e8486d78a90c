// SPDX-License-Identifier: MIT
// How it is made fast. The weight of two samples is the same seen from either, so it is computed
// for half of the offsets in the search window: the squared differences of a row are added up over
// the patch, first down, then across, and become a row of weights. Then the row of the output
// gathers, for each offset, the sample there with its weight and the sample at the opposite side
// with the weight of an earlier row, and its sums stay in registers. Rows of weights are kept as
// long as they are needed, dy + 1 of them for an offset of dy rows. All this happens in blocks of
// columns, so that what is kept stays in the second-level cache.
#include "stages/kernels/non_local_means.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "stages/kernels/non_local_means.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "stages/kernels/words-inl.h"

HWY_BEFORE_NAMESPACE();
namespace quadrant::kernels::HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR

void filter(const NonLocalMeans& how, const Source& in, int begin, int end, std::uint8_t* out,
            std::ptrdiff_t stride, NonLocalMeansMemory&) {
  non_local_means_scalar(how, in, begin, end, out, stride);
}

#else

constexpr hn::ScalableTag<float> floats;

// Vectors are read and written beyond the end of a row by less than this.
constexpr int slack = 128;
constexpr int rows_at_once = 128;                // of a picture that is not cut into tiles
constexpr std::size_t cached_bytes = 512 << 10;  // of weights and squares

constexpr int rounded_up(int v, int step) { return (v + step - 1) / step * step; }
std::size_t sized(int v) { return static_cast<std::size_t>(v); }

struct Offset {
  int dx, dy;
  std::uint16_t *squares, *weights;  // rings of `patch` and dy + 1 rows
};

// What the output gathers for one offset: weights and samples there and at the opposite side.
struct Pair {
  const std::uint16_t *weights_there, *weights_opposite;
  const std::int16_t *there, *opposite;
};

class Rows {
 public:
  Rows(const NonLocalMeans& how, const Source& in, int begin, int end, std::uint8_t* out,
       std::ptrdiff_t stride, NonLocalMeansMemory& memory)
      : how_(how), in_(in), begin_(begin), end_(end), out_(out), stride_(stride) {
    take_samples(memory.samples);
    lay_out(memory);
  }

  template <int patch>
  void filter() {
    for (int x = 0; x < in_.width; x += block_) {
      block_begin_ = x;
      block_width_ = rounded_up(std::min(block_, in_.width - x), 2 * lanes());
      for (int y = std::max(0, begin_ - reach()); y < end_; ++y) {
        for (const Offset& o : offsets_)
          if (y >= first_row(o) && y + o.dy < in_.height) compare<patch>(o, y);
        if (y >= begin_) gather(y);
      }
    }
  }

 private:
  int reach() const { return how_.search / 2; }
  int first_row(const Offset& o) const { return std::max(0, begin_ - o.dy); }

  const std::int16_t* row(int y) const { return samples_ + (y - first_) * samples_stride_; }
  std::uint16_t* squares(const Offset& o, int y) const {
    return o.squares + (y + how_.patch) % how_.patch * row_size_;
  }
  std::uint16_t* weights(const Offset& o, int y) const {
    return o.weights + y % (o.dy + 1) * row_size_;
  }
  // The first column of weights that a block needs of an offset.
  int first_column(const Offset& o) const { return block_begin_ - std::max(0, o.dx); }

  // The rows that are read as signed 16-bit fractions, repeated beyond the picture's edges.
  void take_samples(Buffer<std::int16_t>& buffer) {
    const int before = rounded_up(how_.halo(), lanes());
    first_ = begin_ - how_.halo();
    const int count = end_ + how_.halo() - first_;
    samples_stride_ = rounded_up(before + in_.width + how_.halo() + slack, 64) + 32;
    samples_ = buffer.at_least(sized(count) * sized(static_cast<int>(samples_stride_))) + before;
    for (int y = first_; y < first_ + count; ++y) {
      std::int16_t* to = samples_ + (y - first_) * samples_stride_;
      const std::uint8_t* from = in_.row_0 + std::clamp(y, 0, in_.height - 1) * in_.stride;
      if (how_.depth == 8)
        widen(from, to);
      else
        widen(reinterpret_cast<const std::uint16_t*>(from), to);
      std::fill(to - before, to, to[0]);
      std::fill(to + in_.width, to + in_.width + how_.halo() + slack, to[in_.width - 1]);
    }
  }

  template <class T>
  void widen(const T* from, std::int16_t* to) const {
    const int shift = 16 - how_.depth;
    const Words middle = hn::Set(words, 0x8000);
    int x = 0;
    for (; x + lanes() <= in_.width; x += lanes())
      hn::StoreU(hn::BitCast(shorts, hn::Xor(hn::ShiftLeftSame(load(from + x), shift), middle)),
                 shorts, to + x);
    for (; x < in_.width; ++x)
      to[x] = static_cast<std::int16_t>(static_cast<std::uint16_t>(from[x] << shift) ^ 0x8000);
  }

  void lay_out(NonLocalMeansMemory& memory) {
    int rows = 0;
    for (int dy = 0; dy <= reach(); ++dy)
      for (int dx = dy == 0 ? 1 : -reach(); dx <= reach(); ++dx) {
        offsets_.push_back({dx, dy, nullptr, nullptr});
        rows += dy + 1;
      }
    const int count = static_cast<int>(offsets_.size());
    const std::size_t column = sizeof(std::uint16_t) * sized(rows + count * how_.patch);
    block_ = std::clamp(static_cast<int>(cached_bytes / column) / 64 * 64, 64, 512);
    row_size_ = rounded_up(block_ + 2 * how_.halo() + slack, 64) + 32;
    const auto size = [this](int n) { return sized(n) * sized(static_cast<int>(row_size_)); };
    std::uint16_t* squares = memory.squares.at_least(size(count * how_.patch));
    std::uint16_t* weights = memory.weights.at_least(size(rows + 1));
    for (Offset& o : offsets_) {
      o.squares = squares;
      o.weights = weights;
      squares += how_.patch * row_size_;
      weights += (o.dy + 1) * row_size_;
    }
    none_ = weights;
    std::fill(none_, none_ + row_size_, std::uint16_t{0});
    sums_ = memory.sums.at_least(size(1));
    result_ = memory.result.at_least(size(1));
    pairs_.resize(offsets_.size());
  }

  // The weights of row y for one offset. Its squares are kept from row to row.
  template <int patch>
  HWY_INLINE void compare(const Offset& o, int y) {
    const int width = block_width_ + std::abs(o.dx), from = first_column(o) - patch / 2;
    const auto square = [&](int row_y, auto store) HWY_ATTR {
      const std::int16_t *a = row(row_y) + from, *b = row(row_y + o.dy) + from + o.dx;
      for (int x = 0; x < width + patch - 1; x += lanes()) store(x, squared_difference(a, b, x));
    };
    if (y == first_row(o))
      for (int j = y - patch / 2; j < y + patch / 2; ++j) {
        std::uint16_t* to = squares(o, j);
        square(j, [&](int x, Words v) HWY_ATTR { hn::Store(v, words, to + x); });
      }
    const std::uint16_t* others[patch - 1];
    for (int j = 0; j < patch - 1; ++j) others[j] = squares(o, y - patch / 2 + j);
    std::uint16_t *to = squares(o, y + patch / 2), *sums = sums_;
    square(y + patch / 2, [&](int x, Words v) HWY_ATTR {
      hn::Store(v, words, to + x);
      for (int j = 0; j < patch - 1; ++j) v = hn::SaturatedAdd(v, hn::Load(words, others[j] + x));
      hn::Store(v, words, sums + x);
    });
    weigh<patch>(width, weights(o, y));
    clear_outside(o, width, weights(o, y));
  }

  HWY_INLINE Words squared_difference(const std::int16_t* a, const std::int16_t* b, int x) const {
    const Shorts va = hn::LoadU(shorts, a + x), vb = hn::LoadU(shorts, b + x);
    const Words difference = hn::BitCast(words, hn::Sub(hn::Max(va, vb), hn::Min(va, vb)));
    const Words limited = hn::Min(difference, hn::Set(words, how_.limit));
    const Words shifted = hn::ShiftRightSame(hn::ShiftLeftSame(limited, how_.left), how_.right);
    return hn::MulHigh(shifted, shifted);
  }

  template <int patch>
  HWY_INLINE void weigh(int width, std::uint16_t* to) const {
    const std::uint16_t* sums = sums_;
    const Words multiplier = hn::Set(words, how_.multiplier);
    const Words twice_unit = hn::Set(words, static_cast<std::uint16_t>(2 * how_.unit));
    const Words one = hn::Set(words, 65535);
    for (int x = 0; x < width; x += lanes()) {
      Words sum = hn::Load(words, sums + x);
      for (int i = 1; i < patch; ++i) sum = hn::SaturatedAdd(sum, hn::LoadU(words, sums + x + i));
      const Words z = hn::MulHigh(sum, multiplier);
      Words w = hn::Add(hn::Sub(one, z), hn::ShiftRight<1>(hn::MulHigh(z, z)));
      for (int i = 0; i < 5; ++i) w = hn::MulHigh(w, w);
      w = hn::MulHigh(w, twice_unit);
      hn::Store(hn::ShiftRight<1>(hn::Add(w, hn::Set(words, 1))), words, to + x);
    }
  }

  // No weight where one of the two samples is outside of the picture.
  void clear_outside(const Offset& o, int width, std::uint16_t* weights) const {
    const int from = first_column(o), inside_begin = std::max(0, -o.dx),
              inside_end = in_.width - std::max(0, o.dx);
    const int before = std::clamp(inside_begin - from, 0, width),
              until = std::clamp(inside_end - from, 0, width);
    std::fill(weights, weights + before, std::uint16_t{0});
    std::fill(weights + until, weights + width, std::uint16_t{0});
  }

  void find_pairs(int y) {
    for (std::size_t i = 0; i < offsets_.size(); ++i) {
      const Offset& o = offsets_[i];
      Pair& p = pairs_[i];
      const int there = block_begin_ - first_column(o), opposite = there - o.dx;
      const bool has_there = y + o.dy < in_.height, has_opposite = y >= o.dy;
      p.weights_there = has_there ? weights(o, y) + there : none_;
      p.weights_opposite = has_opposite ? weights(o, y - o.dy) + opposite : none_;
      p.there = row(y + o.dy) + block_begin_ + o.dx;
      p.opposite = row(y - o.dy) + block_begin_ - o.dx;
    }
  }

  struct Sums {
    Doubled<Ints> samples;
    Words weights;
  };

  HWY_INLINE Sums own(const std::int16_t* samples) const {
    const Words unit = hn::Set(words, how_.unit);
    Sums s{{hn::Zero(ints), hn::Zero(ints)}, unit};
    add_products(hn::BitCast(shorts, unit), hn::LoadU(shorts, samples), hn::Zero(shorts),
                 hn::Zero(shorts), s.samples);
    return s;
  }

  HWY_INLINE static void add(const Pair& p, int x, Sums& s) {
    const Words there = hn::LoadU(words, p.weights_there + x),
                opposite = hn::LoadU(words, p.weights_opposite + x);
    s.weights = hn::Add(s.weights, hn::Add(there, opposite));
    add_products(hn::BitCast(shorts, there), hn::LoadU(shorts, p.there + x),
                 hn::BitCast(shorts, opposite), hn::LoadU(shorts, p.opposite + x), s.samples);
  }

  void gather(int y) {
    find_pairs(y);
    const std::int16_t* samples = row(y) + block_begin_;
    for (int x = 0; x < block_width_; x += 2 * lanes()) {
      Sums a = own(samples + x), b = own(samples + x + lanes());
      for (const Pair& p : pairs_) {
        add(p, x, a);
        add(p, x + lanes(), b);
      }
      hn::Store(mean(a), words, result_ + x);
      hn::Store(mean(b), words, result_ + x + lanes());
    }
    write(y);
  }

  // floor((sum + divisor / 2) / divisor): the quotient in float is wrong by 1 at most.
  HWY_INLINE Ints quotient(Ints sum, Ints weights) const {
    const Ints divisor = hn::ShiftLeftSame(weights, 16 - how_.depth);
    const Ints dividend = hn::Add(sum, hn::ShiftRight<1>(divisor));
    const Ints q = hn::ConvertTo(
        ints, hn::Floor(hn::Div(hn::ConvertTo(floats, dividend), hn::ConvertTo(floats, divisor))));
    const Ints rest = hn::Sub(dividend, hn::Mul(q, divisor));
    const Ints below = hn::VecFromMask(ints, hn::Lt(rest, hn::Zero(ints)));  // -1 where true
    const Ints within = hn::VecFromMask(ints, hn::Lt(rest, divisor));
    return hn::Add(hn::Add(q, below), hn::Add(within, hn::Set(ints, 1)));
  }

  HWY_INLINE Words mean(const Sums& s) const {
    const auto weights = joined(hn::Zero(words), s.weights);
    return hn::Add(lower_words(quotient(s.samples.low, hn::BitCast(ints, weights.low)),
                               quotient(s.samples.high, hn::BitCast(ints, weights.high))),
                   hn::Set(words, static_cast<std::uint16_t>(1 << (how_.depth - 1))));
  }

  void write(int y) const {
    std::uint8_t* to = out_ + (y - begin_) * stride_;
    const int width = std::min(block_width_, in_.width - block_begin_);
    if (how_.depth == 8)
      std::copy_n(result_, width, to + block_begin_);
    else
      std::copy_n(result_, width, reinterpret_cast<std::uint16_t*>(to) + block_begin_);
  }

  const NonLocalMeans& how_;
  const Source& in_;
  const int begin_, end_;
  std::uint8_t* out_;
  std::ptrdiff_t stride_, samples_stride_ = 0, row_size_ = 0;
  std::int16_t* samples_ = nullptr;  // column 0 of row first_
  int first_ = 0, block_ = 0, block_begin_ = 0, block_width_ = 0;
  std::uint16_t *none_ = nullptr, *sums_ = nullptr, *result_ = nullptr;
  std::vector<Offset> offsets_;
  std::vector<Pair> pairs_;
};

void filter(const NonLocalMeans& how, const Source& in, int begin, int end, std::uint8_t* out,
            std::ptrdiff_t stride, NonLocalMeansMemory& memory) {
  for (int y = begin; y < end; y += rows_at_once) {
    Rows rows(how, in, y, std::min(end, y + rows_at_once), out + (y - begin) * stride, stride,
              memory);
    if (how.patch == 3) rows.filter<3>();
    if (how.patch == 5) rows.filter<5>();
    if (how.patch == 7) rows.filter<7>();
    if (how.patch == 9) rows.filter<9>();
  }
}

#endif

}  // namespace
}  // namespace quadrant::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace quadrant::kernels {

HWY_EXPORT(filter);

void non_local_means(const NonLocalMeans& how, const Source& in, int begin, int end,
                     std::uint8_t* out, std::ptrdiff_t stride, NonLocalMeansMemory& memory) {
  HWY_DYNAMIC_DISPATCH(filter)(how, in, begin, end, out, stride, memory);
}

}  // namespace quadrant::kernels
#endif
