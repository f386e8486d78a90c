// SPDX-License-Identifier: MIT
// What kernels over 16-bit words share. Included once for each instruction set, after highway.h.
// clang-format off
#if defined(QUADRANT_KERNELS_WORDS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef QUADRANT_KERNELS_WORDS_INL_H
#undef QUADRANT_KERNELS_WORDS_INL_H
#else
#define QUADRANT_KERNELS_WORDS_INL_H
#endif
// clang-format on

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace quadrant::kernels::HWY_NAMESPACE {
namespace {

#if HWY_TARGET != HWY_SCALAR  // which has vectors of one lane: there is nothing to interleave

namespace hn = hwy::HWY_NAMESPACE;

constexpr hn::ScalableTag<std::uint8_t> bytes;
constexpr hn::ScalableTag<std::uint16_t> words;
constexpr hn::ScalableTag<std::int16_t> shorts;
constexpr hn::ScalableTag<std::uint32_t> longs;
constexpr hn::ScalableTag<std::int32_t> ints;
using Words = hn::Vec<decltype(words)>;
using Shorts = hn::Vec<decltype(shorts)>;
using Longs = hn::Vec<decltype(longs)>;
using Ints = hn::Vec<decltype(ints)>;

HWY_INLINE int lanes() { return static_cast<int>(hn::Lanes(words)); }

// 8- or 16-bit samples as words.
HWY_INLINE Words load(const std::uint8_t* from) {
  return hn::PromoteTo(words, hn::LoadU(hn::Rebind<std::uint8_t, decltype(words)>(), from));
}
HWY_INLINE Words load(const std::uint16_t* from) { return hn::LoadU(words, from); }

// Words of at most 255, or 65535, as samples.
HWY_INLINE void store(Words v, std::uint8_t* to) {
  const hn::Rebind<std::uint8_t, decltype(words)> narrow;
  hn::StoreU(hn::DemoteTo(narrow, hn::BitCast(shorts, v)), narrow, to);
}
HWY_INLINE void store(Words v, std::uint16_t* to) { hn::StoreU(v, words, to); }

// Words of 32 bits in the order in which interleaving makes them: `low` has the lower half of each
// block of 16 bytes.
template <class V>
struct Doubled {
  V low, high;
};

// sum += a0 * b0 + a1 * b1
#if HWY_ARCH_X86 && HWY_TARGET != HWY_EMU128
HWY_INLINE void add_products(Shorts a0, Shorts b0, Shorts a1, Shorts b1, Doubled<Ints>& sum) {
  Ints unused = hn::Zero(ints);
  sum.low = hn::ReorderWidenMulAccumulate(ints, hn::InterleaveLower(shorts, a0, a1),
                                          hn::InterleaveLower(shorts, b0, b1), sum.low, unused);
  sum.high = hn::ReorderWidenMulAccumulate(ints, hn::InterleaveUpper(shorts, a0, a1),
                                           hn::InterleaveUpper(shorts, b0, b1), sum.high, unused);
}
#else
HWY_INLINE void add_product(Shorts a, Shorts b, Doubled<Ints>& sum) {
  const Shorts bottom = hn::Mul(a, b), top = hn::MulHigh(a, b);
  sum.low = hn::Add(sum.low, hn::BitCast(ints, hn::InterleaveLower(shorts, bottom, top)));
  sum.high = hn::Add(sum.high, hn::BitCast(ints, hn::InterleaveUpper(shorts, bottom, top)));
}
HWY_INLINE void add_products(Shorts a0, Shorts b0, Shorts a1, Shorts b1, Doubled<Ints>& sum) {
  add_product(a0, b0, sum);
  add_product(a1, b1, sum);
}
#endif

// a * 65536 + b
HWY_INLINE Doubled<Longs> joined(Words a, Words b) {
  return {hn::BitCast(longs, hn::InterleaveLower(words, b, a)),
          hn::BitCast(longs, hn::InterleaveUpper(words, b, a))};
}

HWY_INLINE Doubled<Longs> product(Words a, Words b) {
  return joined(hn::MulHigh(a, b), hn::Mul(a, b));
}

// The lower words of both, in order.
template <class V>
HWY_INLINE Words lower_words(V low, V high) {
  alignas(16) static constexpr std::uint8_t to_lower[16] = {0,   1,   4,   5,   8,   9,   12,  13,
                                                            128, 128, 128, 128, 128, 128, 128, 128};
  alignas(16) static constexpr std::uint8_t to_upper[16] = {128, 128, 128, 128, 128, 128, 128, 128,
                                                            0,   1,   4,   5,   8,   9,   12,  13};
  const auto part = [](V v, const std::uint8_t* order) HWY_ATTR {
    return hn::TableLookupBytesOr0(hn::BitCast(bytes, v), hn::LoadDup128(bytes, order));
  };
  return hn::BitCast(words, hn::Or(part(low, to_lower), part(high, to_upper)));
}

// Calls body(x) for vectors that cover [0, width); width is at least one vector. The last one
// overlaps the one before it, so the output must not be the input.
template <class Body>
HWY_INLINE void for_vectors(int width, Body body) {
  int x = 0;
  for (; x + lanes() <= width; x += lanes()) body(x);
  if (x < width) body(width - lanes());
}

#endif

}  // namespace
}  // namespace quadrant::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
