// SPDX-License-Identifier: MIT
#include "pipeline/runners/shard.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <queue>
#include <tuple>
#include <utility>

#include "pipeline/error.h"

namespace quadrant {

Shard shard_named(const std::string& text) {
  Shard shard;
  const char* const end = text.data() + text.size();
  const auto index = std::from_chars(text.data(), end, shard.index);
  const bool slash = index.ec == std::errc() && index.ptr != end && *index.ptr == '/';
  const auto count = slash ? std::from_chars(index.ptr + 1, end, shard.count) : index;
  if (!slash || count.ec != std::errc() || count.ptr != end || shard.index < 1 ||
      shard.index > shard.count)
    fail(Fault::usage, "--shard must be I/N with I from 1 to N, as 3/8, not {}", text);
  return shard;
}

std::vector<std::size_t> units_of_shard(const std::vector<const Unit*>& units, const Shard& shard) {
  std::vector<std::size_t> order(units.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    return std::tie(units[b]->cost, units[a]->id) < std::tie(units[a]->cost, units[b]->id);
  });
  using Load = std::pair<double, int>;  // cost so far, index of the shard
  std::priority_queue<Load, std::vector<Load>, std::greater<>> loads;
  for (int i = 1; i <= shard.count; ++i) loads.emplace(0, i);
  std::vector<std::size_t> mine;
  for (const std::size_t index_of_unit : order) {
    auto [cost, index] = loads.top();
    loads.pop();
    loads.emplace(cost + units[index_of_unit]->cost, index);
    if (index == shard.index) mine.push_back(index_of_unit);
  }
  return mine;
}

}  // namespace quadrant
