// SPDX-License-Identifier: MIT
// Arithmetic with times in ticks. A file may say any 64 bits, and the sum of two such times is
// undefined where it does not fit; here it is the nearest time there is. Those are all but the
// ends: INT64_MIN says that there is no time (AV_NOPTS_VALUE), or the start of an input, and
// INT64_MAX its end (Segment).
#pragma once

#include <algorithm>
#include <cstdint>

#include "pipeline/media/av.h"

namespace quadrant {

constexpr std::int64_t earliest_time = INT64_MIN + 1, latest_time = INT64_MAX - 1;

inline std::int64_t plus(std::int64_t time, std::int64_t ticks) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(time, ticks, &sum)) return ticks < 0 ? earliest_time : latest_time;
  return std::clamp(sum, earliest_time, latest_time);
}

inline std::int64_t minus(std::int64_t time, std::int64_t ticks) {
  std::int64_t difference = 0;
  if (__builtin_sub_overflow(time, ticks, &difference))
    return ticks > 0 ? earliest_time : latest_time;
  return std::clamp(difference, earliest_time, latest_time);
}

// As av_rescale_q, which says INT64_MIN where the result does not fit. `time` is a time.
inline std::int64_t rescaled(std::int64_t time, AVRational from, AVRational to) {
  const std::int64_t result = av_rescale_q(time, from, to);
  if (result == INT64_MIN) return time < 0 ? earliest_time : latest_time;
  return std::clamp(result, earliest_time, latest_time);
}

}  // namespace quadrant
