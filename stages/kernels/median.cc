// SPDX-License-Identifier: MIT
// A network of exchanges leaves the median in the middle, whatever the values; here each value is a
// vector of samples. The networks are the known ones of 19 and 99 exchanges (Paeth 1990; Devillard
// 1998), without those that only sort the other values.
#include "stages/kernels/median.h"

#include <algorithm>
#include <array>
#include <utility>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "stages/kernels/median.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace quadrant::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

struct Exchange {
  int low, high;
};

template <int radius>
inline constexpr Exchange network[] = {{1, 2}, {4, 5}, {7, 8}, {0, 1}, {3, 4}, {6, 7}, {1, 2},
                                       {4, 5}, {7, 8}, {0, 3}, {5, 8}, {4, 7}, {3, 6}, {1, 4},
                                       {2, 5}, {4, 7}, {4, 2}, {6, 4}, {4, 2}};
template <>
inline constexpr Exchange network<2>[] = {
    {0, 1},   {3, 4},   {2, 4},   {2, 3},   {6, 7},   {5, 7},   {5, 6},   {9, 10},  {8, 10},
    {8, 9},   {12, 13}, {11, 13}, {11, 12}, {15, 16}, {14, 16}, {14, 15}, {18, 19}, {17, 19},
    {17, 18}, {21, 22}, {20, 22}, {20, 21}, {23, 24}, {2, 5},   {3, 6},   {0, 6},   {0, 3},
    {4, 7},   {1, 7},   {1, 4},   {11, 14}, {8, 14},  {8, 11},  {12, 15}, {9, 15},  {9, 12},
    {13, 16}, {10, 16}, {10, 13}, {20, 23}, {17, 23}, {17, 20}, {21, 24}, {18, 24}, {18, 21},
    {19, 22}, {8, 17},  {9, 18},  {0, 18},  {0, 9},   {10, 19}, {1, 19},  {1, 10},  {11, 20},
    {2, 20},  {2, 11},  {12, 21}, {3, 21},  {3, 12},  {13, 22}, {4, 22},  {4, 13},  {14, 23},
    {5, 23},  {5, 14},  {15, 24}, {6, 24},  {6, 15},  {7, 16},  {7, 19},  {13, 21}, {15, 23},
    {7, 13},  {7, 15},  {1, 9},   {3, 11},  {5, 17},  {11, 17}, {9, 17},  {4, 10},  {6, 12},
    {7, 14},  {4, 6},   {4, 7},   {12, 14}, {10, 14}, {6, 7},   {10, 12}, {6, 10},  {6, 17},
    {12, 17}, {7, 17},  {7, 10},  {12, 18}, {7, 12},  {10, 18}, {12, 20}, {10, 20}, {10, 12}};

template <int low, int high, class V>
HWY_INLINE void exchange(V* v) {
  const V a = v[low], b = v[high];
  v[low] = hn::Min(a, b);
  v[high] = hn::Max(a, b);
}

// The compiler leaves out what does not lead to the middle.
template <int radius, class V, std::size_t... i>
HWY_INLINE V middle(V* v, std::index_sequence<i...>) {
  (exchange<network<radius>[i].low, network<radius>[i].high>(v), ...);
  constexpr std::size_t half = radius;
  return v[2 * half * (half + 1)];
}

template <int radius, class T>
void filter_row(const std::uint8_t* const* lines, int depth, int width, T* out) {
  constexpr hn::ScalableTag<T> tag;
  constexpr int size = 2 * radius + 1;
  constexpr std::size_t ends_size = size - 1;
  const int lanes = static_cast<int>(hn::Lanes(tag)), end = width - radius;
  if (width < lanes + 2 * radius)
    return median_scalar(lines, radius, depth, width, reinterpret_cast<std::uint8_t*>(out));
  const auto at = [&](int x) HWY_ATTR {
    hn::Vec<decltype(tag)> v[std::size_t{size} * size], *next = v;
    for (int j = 0; j < size; ++j)
      for (int i = 0; i < size; ++i)
        *next++ = hn::LoadU(tag, reinterpret_cast<const T*>(lines[j - radius]) + x + i - radius);
    hn::StoreU(middle<radius>(v, std::make_index_sequence<std::size(network<radius>)>()), tag,
               out + x);
  };
  int x = radius;
  for (; x + lanes <= end; x += lanes) at(x);
  at(end - lanes);
  // The ends, where samples repeat: the medians of a row of a few samples.
  const auto ends = [&](int from, int to) {
    std::array<std::array<T, ends_size>, size> part;
    std::array<const std::uint8_t*, size> part_lines;
    for (int j = 0; j < size; ++j) {
      const std::size_t k = static_cast<std::size_t>(j);
      for (int i = 0; i < to - from; ++i)
        part[k][static_cast<std::size_t>(i)] =
            reinterpret_cast<const T*>(lines[j - radius])[from + i];
      part_lines[k] = reinterpret_cast<const std::uint8_t*>(part[k].data());
    }
    std::array<T, ends_size> result;
    median_scalar(part_lines.data() + radius, radius, depth, to - from,
                  reinterpret_cast<std::uint8_t*>(result.data()));
    return result;
  };
  const auto first = ends(0, 2 * radius), last = ends(width - 2 * radius, width);
  std::copy_n(first.begin(), radius, out);
  std::copy_n(last.begin() + radius, radius, out + width - radius);
}

void filter(const std::uint8_t* const* lines, int radius, int depth, int width, std::uint8_t* out) {
  auto* words = reinterpret_cast<std::uint16_t*>(out);
  if (radius == 1)
    depth == 8 ? filter_row<1>(lines, depth, width, out)
               : filter_row<1>(lines, depth, width, words);
  else
    depth == 8 ? filter_row<2>(lines, depth, width, out)
               : filter_row<2>(lines, depth, width, words);
}

}  // namespace
}  // namespace quadrant::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace quadrant::kernels {

HWY_EXPORT(filter);

void median(const std::uint8_t* const* lines, int radius, int depth, int width, std::uint8_t* out) {
  HWY_DYNAMIC_DISPATCH(filter)(lines, radius, depth, width, out);
}

}  // namespace quadrant::kernels
#endif
