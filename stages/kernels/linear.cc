// SPDX-License-Identifier: MIT
#include "stages/kernels/linear.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "stages/kernels/linear.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "stages/kernels/words-inl.h"

HWY_BEFORE_NAMESPACE();
namespace quadrant::kernels::HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR

void apply_row(const Linear& line, const std::uint8_t* in, int width, std::uint8_t* out) {
  apply_scalar(line, in, width, out);
}

#else

template <class T>
HWY_INLINE void apply_to(const Linear& line, const T* in, int width, T* out) {
  const Words peak = hn::Set(words, static_cast<std::uint16_t>((1 << line.depth) - 1));
  const Shorts factor = hn::Set(shorts, static_cast<std::int16_t>(line.factor));
  const Shorts top = hn::BitCast(shorts, peak), zero = hn::Zero(shorts);
  const Ints offset = hn::Set(ints, line.offset);
  for_vectors(width, [&](int x) HWY_ATTR {
    const Words v = hn::Min(load(in + x), peak);
    Doubled<Ints> sum{offset, offset};
    add_products(hn::BitCast(shorts, v), factor, zero, zero, sum);
    const Shorts result = hn::BitCast(shorts, lower_words(hn::ShiftRight<Linear::shift>(sum.low),
                                                          hn::ShiftRight<Linear::shift>(sum.high)));
    store(hn::BitCast(words, hn::Min(hn::Max(result, zero), top)), out + x);
  });
}

void apply_row(const Linear& line, const std::uint8_t* in, int width, std::uint8_t* out) {
  if (width < lanes())
    apply_scalar(line, in, width, out);
  else if (line.depth == 8)
    apply_to(line, in, width, out);
  else
    apply_to(line, reinterpret_cast<const std::uint16_t*>(in), width,
             reinterpret_cast<std::uint16_t*>(out));
}

#endif

}  // namespace
}  // namespace quadrant::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace quadrant::kernels {

HWY_EXPORT(apply_row);

void apply(const Linear& line, const std::uint8_t* in, int width, std::uint8_t* out) {
  HWY_DYNAMIC_DISPATCH(apply_row)(line, in, width, out);
}

}  // namespace quadrant::kernels
#endif
