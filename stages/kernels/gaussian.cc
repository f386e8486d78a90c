// SPDX-License-Identifier: MIT
// All weights of a vector of samples in turn, so that its sum stays in registers.
#include "stages/kernels/gaussian.h"

#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "stages/kernels/gaussian.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "stages/kernels/words-inl.h"

HWY_BEFORE_NAMESPACE();
namespace quadrant::kernels::HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR

void down(const Taps& taps, const std::uint8_t* const* lines, int width, std::uint16_t* out) {
  mean_down_scalar(taps, lines, width, out);
}
void along(const Taps& taps, const std::uint16_t* in, int width, std::uint16_t* out) {
  mean_along_scalar(taps, in, width, out);
}
void round(const Taps& taps, const std::uint16_t* means, int width, std::uint8_t* out) {
  round_means_scalar(taps, means, width, out);
}
void detail(const Taps& taps, int factor, const std::uint8_t* samples, const std::uint16_t* means,
            int width, std::uint8_t* out) {
  add_detail_scalar(taps, factor, samples, means, width, out);
}

#else

// Vectors in progress at once, so that the latency of one hides behind the others.
constexpr std::size_t group = 4;

template <std::size_t n>
using Count = std::integral_constant<std::size_t, n>;

template <class Body>
HWY_INLINE void for_groups(int width, Body body) {
  int x = 0;
  const int wide = static_cast<int>(group) * lanes();
  for (; x + wide <= width; x += wide) body(x, Count<group>());
  for (; x + lanes() <= width; x += lanes()) body(x, Count<1>());
  if (x < width) body(width - lanes(), Count<1>());
}

// line(i) is the row of values at distance i, which are shifted left to be 15-bit fractions.
template <std::size_t count, bool shifted, class Line>
HWY_INLINE void narrow_mean(const Taps& taps, Line line, int x, std::uint16_t* out) {
  const std::uint16_t* weights = taps.weights.data();
  const int radius = taps.radius();
  Words sums[count];
  const auto add = [&](std::size_t k, Words v, Words weight) HWY_ATTR {
    if constexpr (shifted) v = hn::ShiftLeftSame(v, taps.fraction_bits);
    sums[k] = hn::Add(sums[k], hn::MulHigh(v, weight));
  };
  const auto* middle = line(0) + x;
  for (std::size_t k = 0; k < count; ++k) {
    sums[k] = hn::Set(words, static_cast<std::uint16_t>((radius + 1) / 2));
    add(k, load(middle + k * hn::Lanes(words)), hn::Set(words, weights[0]));
  }
  for (int i = 1; i <= radius; ++i) {
    const auto *before = line(-i) + x, *after = line(i) + x;
    const Words weight = hn::Set(words, weights[i]);
    for (std::size_t k = 0; k < count; ++k) {
      const std::size_t at = k * hn::Lanes(words);
      add(k, hn::Add(load(before + at), load(after + at)), weight);
    }
  }
  for (std::size_t k = 0; k < count; ++k)
    hn::StoreU(sums[k], words, out + x + k * hn::Lanes(words));
}

// Rows of bytes, `count` vectors of them at x. A vector of bytes is two of 16-bit fractions, the
// even ones and the odd ones; the rounded mean of two is exactly half of their sum.
template <std::size_t count>
HWY_INLINE void mean_of_bytes(const Taps& taps, const std::uint8_t* const* lines, int x,
                              std::uint16_t* out) {
  const std::size_t step = hn::Lanes(bytes);
  const Words odd = hn::Set(words, 0xff00);
  Words evens[count], odds[count];
  const auto fractions = [&](int i, std::size_t k) HWY_ATTR {
    return hn::BitCast(words, hn::LoadU(bytes, lines[i] + x + k * step));
  };
  for (std::size_t k = 0; k < count; ++k) {
    const Words start = hn::Set(words, static_cast<std::uint16_t>((taps.radius() + 1) / 2)),
                weight = hn::Set(words, taps.weights[0]), v = fractions(0, k);
    const Words even = hn::ShiftRight<1>(hn::ShiftLeft<8>(v));
    evens[k] = hn::Add(start, hn::MulHigh(even, weight));
    odds[k] = hn::Add(start, hn::MulHigh(hn::ShiftRight<1>(hn::And(v, odd)), weight));
  }
  for (int i = 1; i <= taps.radius(); ++i) {
    const Words weight = hn::Set(words, taps.weights[static_cast<std::size_t>(i)]);
    for (std::size_t k = 0; k < count; ++k) {
      const Words a = fractions(-i, k), b = fractions(i, k);
      const Words even = hn::AverageRound(hn::ShiftLeft<8>(a), hn::ShiftLeft<8>(b));
      const Words rest = hn::AverageRound(hn::And(a, odd), hn::And(b, odd));
      evens[k] = hn::Add(evens[k], hn::MulHigh(even, weight));
      odds[k] = hn::Add(odds[k], hn::MulHigh(rest, weight));
    }
  }
  for (std::size_t k = 0; k < count; ++k)
    hn::StoreInterleaved2(evens[k], odds[k], words, out + x + k * step);
}

void down_bytes(const Taps& taps, const std::uint8_t* const* lines, int width, std::uint16_t* out) {
  const int step = 2 * lanes();
  int x = 0;
  for (; x + 2 * step <= width; x += 2 * step) mean_of_bytes<2>(taps, lines, x, out);
  for (; x + step <= width; x += step) mean_of_bytes<1>(taps, lines, x, out);
  if (x < width) mean_of_bytes<1>(taps, lines, width - step, out);
}

HWY_INLINE Shorts centred(Words v) {
  return hn::BitCast(shorts, hn::Xor(v, hn::Set(words, 0x8000)));
}

// The products are of signed numbers: values less 2^15, which `lacking` times 2^15 puts right.
template <class Line>
HWY_INLINE Words wide_mean(const Taps& taps, Line line, int shift, int x) {
  const Words middle = load(line(0) + x), none = hn::Zero(words);
  const auto whole = joined(middle, none), less = product(middle, hn::Set(words, taps.lacking));
  const auto start =
      hn::Set(longs, (std::uint32_t{1} << (shift - 1)) + (std::uint32_t{taps.lacking} << 15));
  const auto begun = [&](Longs a, Longs b)
                         HWY_ATTR { return hn::BitCast(ints, hn::Add(hn::Sub(a, b), start)); };
  Doubled<Ints> sum{begun(whole.low, less.low), begun(whole.high, less.high)};
  for (int i = 1; i <= taps.radius(); ++i) {
    const Shorts weight =
        hn::Set(shorts, static_cast<std::int16_t>(taps.weights[static_cast<std::size_t>(i)]));
    add_products(centred(load(line(-i) + x)), weight, centred(load(line(i) + x)), weight, sum);
  }
  return lower_words(hn::ShiftRightSame(hn::BitCast(longs, sum.low), shift),
                     hn::ShiftRightSame(hn::BitCast(longs, sum.high), shift));
}

template <class T>
HWY_INLINE void down_lines(const Taps& taps, const std::uint8_t* const* lines, int width,
                           std::uint16_t* out) {
  const auto line = [lines](int i) { return reinterpret_cast<const T*>(lines[i]); };
  if (taps.narrow)
    for_groups(width, [&](int x, auto count) HWY_ATTR {
      narrow_mean<decltype(count)::value, true>(taps, line, x, out);
    });
  else
    for_vectors(width, [&](int x) HWY_ATTR {
      hn::StoreU(wide_mean(taps, line, taps.depth, x), words, out + x);
    });
}

void down(const Taps& taps, const std::uint8_t* const* lines, int width, std::uint16_t* out) {
  if (width < lanes())
    mean_down_scalar(taps, lines, width, out);
  else if (taps.depth == 8 && taps.narrow && width >= 2 * lanes())
    down_bytes(taps, lines, width, out);
  else if (taps.depth == 8)
    down_lines<std::uint8_t>(taps, lines, width, out);
  else
    down_lines<std::uint16_t>(taps, lines, width, out);
}

void along(const Taps& taps, const std::uint16_t* in, int width, std::uint16_t* out) {
  const auto line = [in](int i) { return in + i; };
  if (width < lanes())
    mean_along_scalar(taps, in, width, out);
  else if (taps.narrow)
    for_groups(width, [&](int x, auto count) HWY_ATTR {
      narrow_mean<decltype(count)::value, false>(taps, line, x, out);
    });
  else
    for_vectors(width,
                [&](int x) HWY_ATTR { hn::StoreU(wide_mean(taps, line, 16, x), words, out + x); });
}

// (v + 2^bits / 2) >> bits, which 16 bits hold though the sum may not fit.
HWY_INLINE Words rounded(Words v, int bits) {
  if (bits == 0) return v;
  const Words half = hn::And(hn::ShiftRightSame(v, bits - 1), hn::Set(words, 1));
  return hn::Add(hn::ShiftRightSame(v, bits), half);
}

template <class T>
HWY_INLINE void round_to(const Taps& taps, const std::uint16_t* means, int width, T* out) {
  for_vectors(
      width, [&](int x) HWY_ATTR { store(rounded(load(means + x), taps.fraction_bits), out + x); });
}

void round(const Taps& taps, const std::uint16_t* means, int width, std::uint8_t* out) {
  if (width < lanes())
    round_means_scalar(taps, means, width, out);
  else if (taps.depth == 8)
    round_to(taps, means, width, out);
  else
    round_to(taps, means, width, reinterpret_cast<std::uint16_t*>(out));
}

// (v * factor + 2^(shift - 1)) >> shift. With a shift of 17 the upper halves of products do.
HWY_INLINE Shorts scaled(Shorts v, Shorts factor, int shift) {
  if (shift == 17) return hn::ShiftRight<1>(hn::Add(hn::MulHigh(v, factor), hn::Set(shorts, 1)));
  const Ints half = hn::Set(ints, 1 << (shift - 1));
  Doubled<Ints> sum{half, half};
  add_products(v, factor, hn::Zero(shorts), hn::Zero(shorts), sum);
  return hn::BitCast(
      shorts, lower_words(hn::ShiftRightSame(sum.low, shift), hn::ShiftRightSame(sum.high, shift)));
}

template <class T>
HWY_INLINE void narrow_detail(const Taps& taps, int factor, const T* samples,
                              const std::uint16_t* means, int width, T* out) {
  const Shorts factors = hn::Set(shorts, static_cast<std::int16_t>(factor));
  const Shorts peak = hn::Set(shorts, static_cast<std::int16_t>((1 << taps.depth) - 1));
  for_vectors(width, [&](int x) HWY_ATTR {
    const Words sample = load(samples + x);
    const Words less =
        hn::Sub(hn::ShiftLeftSame(sample, taps.fraction_bits), hn::LoadU(words, means + x));
    const Shorts added =
        scaled(hn::BitCast(shorts, less), factors, taps.fraction_bits + factor_bits);
    const Shorts sharper = hn::Add(hn::BitCast(shorts, sample), added);
    store(hn::BitCast(words, hn::Min(hn::Max(sharper, hn::Zero(shorts)), peak)), out + x);
  });
}

HWY_INLINE void wide_detail(const Taps& taps, int factor, const std::uint16_t* samples,
                            const std::uint16_t* means, int width, std::uint16_t* out) {
  const int shift = taps.fraction_bits + factor_bits;
  const Ints half = hn::Set(ints, 1 << (shift - 1)), factors = hn::Set(ints, factor),
             peak = hn::Set(ints, (1 << taps.depth) - 1);
  const auto sharpened = [&](Longs sample, Longs mean) HWY_ATTR {
    const Ints less =
        hn::BitCast(ints, hn::Sub(hn::ShiftLeftSame(sample, taps.fraction_bits), mean));
    const Ints added = hn::ShiftRightSame(hn::Add(hn::Mul(less, factors), half), shift);
    const Ints sharper = hn::Add(hn::BitCast(ints, sample), added);
    return hn::Min(hn::Max(sharper, hn::Zero(ints)), peak);
  };
  for_vectors(width, [&](int x) HWY_ATTR {
    const auto sample = joined(hn::Zero(words), load(samples + x)),
               mean = joined(hn::Zero(words), load(means + x));
    store(lower_words(sharpened(sample.low, mean.low), sharpened(sample.high, mean.high)), out + x);
  });
}

void detail(const Taps& taps, int factor, const std::uint8_t* samples, const std::uint16_t* means,
            int width, std::uint8_t* out) {
  const auto* from = reinterpret_cast<const std::uint16_t*>(samples);
  auto* to = reinterpret_cast<std::uint16_t*>(out);
  if (width < lanes())
    add_detail_scalar(taps, factor, samples, means, width, out);
  else if (taps.depth == 8)
    narrow_detail(taps, factor, samples, means, width, out);
  else if (taps.narrow)
    narrow_detail(taps, factor, from, means, width, to);
  else
    wide_detail(taps, factor, from, means, width, to);
}

#endif

}  // namespace
}  // namespace quadrant::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace quadrant::kernels {

HWY_EXPORT(down);
HWY_EXPORT(along);
HWY_EXPORT(round);
HWY_EXPORT(detail);

void mean_down(const Taps& taps, const std::uint8_t* const* lines, int width, std::uint16_t* out) {
  HWY_DYNAMIC_DISPATCH(down)(taps, lines, width, out);
}
void mean_along(const Taps& taps, const std::uint16_t* in, int width, std::uint16_t* out) {
  HWY_DYNAMIC_DISPATCH(along)(taps, in, width, out);
}
void round_means(const Taps& taps, const std::uint16_t* means, int width, std::uint8_t* out) {
  HWY_DYNAMIC_DISPATCH(round)(taps, means, width, out);
}
void add_detail(const Taps& taps, int factor, const std::uint8_t* samples,
                const std::uint16_t* means, int width, std::uint8_t* out) {
  HWY_DYNAMIC_DISPATCH(detail)(taps, factor, samples, means, width, out);
}

}  // namespace quadrant::kernels
#endif
