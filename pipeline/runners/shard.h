// SPDX-License-Identifier: MIT
// Which units of a planned job one machine does: a pure function of the plan and I/N. No machine
// asks another; the N shards are disjoint and together complete, and doing a shard twice is
// harmless.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "pipeline/plan/unit.h"

namespace quadrant {

struct Shard {
  int index = 1, count = 1;  // index counts from 1
};

// "3/8". Throws Error(usage).
Shard shard_named(const std::string& text);

// Indices into `units`. Takes units by descending cost, then by id, and gives each to the shard
// with the least cost so far (the first of equals). So units of equal cost are dealt in turn.
std::vector<std::size_t> units_of_shard(const std::vector<const Unit*>& units, const Shard& shard);

}  // namespace quadrant
