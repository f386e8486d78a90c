// SPDX-License-Identifier: MIT
// Which units of a planned job one machine does. A pure function of the plan and I/N: nobody has to
// be asked, the shards of one N are disjoint and together all, and nothing is lost where a shard is
// done twice.
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

// Indices into `units`. The units by cost, the most expensive first, then by id; each goes to the
// shard that has least so far, the first of them. Units of equal cost so go round.
std::vector<std::size_t> units_of_shard(const std::vector<const Unit*>& units, const Shard& shard);

}  // namespace quadrant
