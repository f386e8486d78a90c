// SPDX-License-Identifier: MIT
// Weights and differences of two frames become one product each and one sum in a single
// instruction. Sums stay below 2^21, so a float holds them exactly, and the floor of their quotient
// is exact too.
#include "stages/kernels/temporal_mean.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "stages/kernels/temporal_mean.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "stages/kernels/words-inl.h"

HWY_BEFORE_NAMESPACE();
namespace quadrant::kernels::HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR

void mean(const std::uint8_t* now, const std::uint8_t* const* others, int count, int strength,
          int depth, int width, std::uint8_t* out) {
  temporal_mean_scalar(now, others, count, strength, depth, width, out);
}

#else

constexpr hn::ScalableTag<float> floats;

// floor((2 * sum + weights) / (2 * weights))
HWY_INLINE Ints quotient(Ints sum, Longs weights) {
  const Ints weight = hn::BitCast(ints, weights);
  const Ints dividend = hn::Add(hn::Add(sum, sum), weight), divisor = hn::Add(weight, weight);
  return hn::ConvertTo(
      ints, hn::Floor(hn::Div(hn::ConvertTo(floats, dividend), hn::ConvertTo(floats, divisor))));
}

template <class T>
HWY_INLINE void mean_of(const T* now, const std::uint8_t* const* others, int count, int strength,
                        int shift, int width, T* out) {
  const Words limit = hn::Set(words, static_cast<std::uint16_t>(strength << shift));
  const Words own = hn::Set(words, static_cast<std::uint16_t>(strength));
  for_vectors(width, [&](int x) HWY_ATTR {
    const Words v = load(now + x);
    Words weights = own;
    Doubled<Ints> sum{hn::Zero(ints), hn::Zero(ints)};
    const auto weighed = [&](Words other) HWY_ATTR {
      const Words distance = hn::Sub(hn::Max(v, other), hn::Min(v, other));
      const Words weight = hn::ShiftRightSame(hn::SaturatedSub(limit, distance), shift);
      weights = hn::Add(weights, weight);
      return hn::BitCast(shorts, weight);
    };
    const auto row = [&](int i) { return reinterpret_cast<const T*>(others[i]) + x; };
    for (int i = 0; i < count; i += 2) {
      const Words a = load(row(i)), b = i + 1 < count ? load(row(i + 1)) : v;
      const Shorts weight_a = weighed(a), weight_b = i + 1 < count ? weighed(b) : hn::Zero(shorts);
      add_products(weight_a, hn::BitCast(shorts, hn::Sub(a, v)), weight_b,
                   hn::BitCast(shorts, hn::Sub(b, v)), sum);
    }
    const auto divisors = joined(hn::Zero(words), weights);
    store(
        hn::Add(v, lower_words(quotient(sum.low, divisors.low), quotient(sum.high, divisors.high))),
        out + x);
  });
}

void mean(const std::uint8_t* now, const std::uint8_t* const* others, int count, int strength,
          int depth, int width, std::uint8_t* out) {
  if (width < lanes())
    temporal_mean_scalar(now, others, count, strength, depth, width, out);
  else if (depth == 8)
    mean_of(now, others, count, strength, 0, width, out);
  else
    mean_of(reinterpret_cast<const std::uint16_t*>(now), others, count, strength, depth - 8, width,
            reinterpret_cast<std::uint16_t*>(out));
}

#endif

}  // namespace
}  // namespace quadrant::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace quadrant::kernels {

HWY_EXPORT(mean);

void temporal_mean(const std::uint8_t* now, const std::uint8_t* const* others, int count,
                   int strength, int depth, int width, std::uint8_t* out) {
  HWY_DYNAMIC_DISPATCH(mean)(now, others, count, strength, depth, width, out);
}

}  // namespace quadrant::kernels
#endif
