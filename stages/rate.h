// SPDX-License-Identifier: MIT
// What the stages share that change when frames are shown: rates as a person writes them, and times
// in ticks of another size.
#pragma once

#include <cctype>
#include <charconv>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string_view>

#include "pipeline/contract/format.h"
#include "pipeline/error.h"

namespace quadrant {

// Throws Error(input) if a term does not fit.
inline Rational reduced(std::int64_t num, std::int64_t den) {
  const std::int64_t common = std::gcd(num, den);
  num /= common, den /= common;
  constexpr std::int64_t most = std::numeric_limits<int>::max();
  if (num > most || den > most)
    fail(Fault::input, "the input counts time too finely for it: a tick is {} of {} s", num, den);
  return {static_cast<int>(num), static_cast<int>(den)};
}

// "25", "23.976" or "30000/1001" frames per second. Throws Error(usage).
inline Rational rate_named(std::string_view text) {
  std::string_view rest = text;
  const auto number = [&rest] {
    std::int64_t value = 0;
    const auto [end, code] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    if (code != std::errc() || value > 1'000'000'000) return std::int64_t{-1};
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    return value;
  };
  std::int64_t num = number(), den = 1;
  if (rest.starts_with('/')) {
    rest.remove_prefix(1);
    den = number();
  } else if (rest.starts_with('.')) {
    constexpr std::size_t most_digits = 6;
    rest.remove_prefix(1);
    for (std::size_t i = 0; num >= 0 && i < most_digits && !rest.empty(); ++i) {
      if (rest.front() < '0' || rest.front() > '9') break;
      num = 10 * num + (rest.front() - '0'), den *= 10;
      rest.remove_prefix(1);
    }
  }
  constexpr int most = 1000, least_per = 86400;  // a day
  if (!rest.empty() || num <= 0 || den <= 0 || num > most * den || num < den / least_per)
    fail(Fault::usage,
         "rate must be frames per second, such as 25, 23.976 or 30000/1001, at most {}, not '{}'",
         most, text);
  return reduced(num, den);
}

// The nearest tick of `to`, the one farther from 0 at equal distance, as av_rescale_q. Where it
// does not fit: the largest time there is.
inline std::int64_t rescaled_near(std::int64_t time, Rational from, Rational to) {
  __extension__ using Wide = __int128;
  const Wide num = Wide{time} * from.num * to.den;
  const Wide den = Wide{from.den} * to.num;
  const Wide magnitude = (2 * (num < 0 ? -num : num) + den) / (2 * den);
  constexpr Wide most = std::numeric_limits<std::int64_t>::max() - 1;
  const auto near = static_cast<std::int64_t>(magnitude < most ? magnitude : most);
  return num < 0 ? -near : near;
}

}  // namespace quadrant
