// SPDX-License-Identifier: MIT
#include "pipeline/batch/shards.h"

#include <algorithm>
#include <charconv>
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

std::vector<PlannedUnit> units_of_shard(std::vector<PlannedUnit> units, const Shard& shard) {
  std::ranges::sort(units, [](const PlannedUnit& a, const PlannedUnit& b) {
    return std::tie(b.cost, a.id) < std::tie(a.cost, b.id);
  });
  using Load = std::pair<double, int>;  // cost so far, shard
  std::priority_queue<Load, std::vector<Load>, std::greater<>> loads;
  for (int i = 1; i <= shard.count; ++i) loads.emplace(0, i);
  std::vector<PlannedUnit> mine;
  for (PlannedUnit& unit : units) {
    auto [cost, index] = loads.top();
    loads.pop();
    loads.emplace(cost + unit.cost, index);
    if (index == shard.index) mine.push_back(std::move(unit));
  }
  return mine;
}

}  // namespace quadrant
