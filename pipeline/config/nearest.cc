// SPDX-License-Identifier: MIT
// Edit distance that counts swapped neighbours as one edit (`strenght`), ignores case, and treats
// `-` as `_`: the usual mistakes in keys.
#include "pipeline/config/nearest.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

namespace quadrant {
namespace {

constexpr std::size_t longest_word = 64;  // the cost is quadratic, and no key is longer

char folded(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
  return c == '-' ? '_' : c;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = folded(a[i - 1]) == folded(b[j - 1]);
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + !same});
      if (i > 1 && j > 1 && folded(a[i - 1]) == folded(b[j - 2]) &&
          folded(a[i - 2]) == folded(b[j - 1]))
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[a.size()][b.size()];
}

}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string_view> names) {
  if (word.size() > longest_word) return {};
  std::string_view best;
  std::size_t least = std::max<std::size_t>(word.size(), 3) / 3 + 1;  // one typo per three letters
  for (std::string_view name : names) {
    const std::size_t distance = edit_distance(word, name);
    if (distance < least && distance < name.size()) {
      best = name;
      least = distance;
    }
  }
  return best;
}

std::string suggestion(std::string_view word, std::span<const std::string_view> names) {
  if (const std::string_view name = nearest(word, names); !name.empty())
    return fmt::format(", did you mean '{}'?", name);
  return names.empty() ? "" : fmt::format(" (known: {})", fmt::join(names, ", "));
}

}  // namespace quadrant
