// SPDX-License-Identifier: MIT
#include "pipeline/verify/reference.h"

#include <algorithm>

#include "pipeline/contract/view.h"
#include "pipeline/observe/meter.h"

namespace quadrant {

Reference::Reference(const Plan& plan) : points_(tap_points(plan)), pictures_(points_.size()) {}

std::size_t Reference::index_of(int stage_index) const {
  const auto found = std::ranges::find(points_, stage_index, &TapPoint::stage_index);
  if (found == points_.end())
    fail(Fault::internal, "verify: no tap point for stage index {}", stage_index);
  return static_cast<std::size_t>(found - points_.begin());
}

void Reference::on_frame(int stage_index, std::int64_t pts, const View& rows) {
  const std::size_t index = index_of(stage_index);
  Hashes hashes;
  for (const Rows part : points_[index].seen) hashes.push_back(hash_of(rows.part(part)));
  const std::lock_guard lock(mutex_);
  pictures_[index][pts].push_back(std::move(hashes));
}

bool Reference::knows(std::size_t index, std::int64_t pts, Rows rows, std::uint64_t hash) const {
  const auto& seen = points_[index].seen;
  const auto part = static_cast<std::size_t>(std::ranges::find(seen, rows) - seen.begin());
  const auto found = pictures_[index].find(pts);
  if (found == pictures_[index].end() || part == seen.size()) return false;
  return std::ranges::any_of(found->second, [&](const Hashes& h) { return h[part] == hash; });
}

std::int64_t Reference::number_of(std::size_t index, std::int64_t pts) const {
  std::int64_t number = 0;
  for (const auto& [time, hashes] : pictures_[index]) {
    if (time >= pts) break;
    number += static_cast<std::int64_t>(hashes.size());
  }
  return number;
}

}  // namespace quadrant
