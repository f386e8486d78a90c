// SPDX-License-Identifier: MIT
// The cells of a benchmark, and the order of their runs.
#pragma once

#include <string>
#include <vector>

#include "pipeline/scaling/measured.h"

namespace quadrant {

std::vector<std::string> words_of(const std::string& list);  // the words between its commas

// Every mode on every number of cores. `sequential` on one core is always included and first, since
// all others are compared with it. `concurrent` uses one core by definition. `modes` and `cores`
// are comma-separated lists, as on the command line; empty: the five modes, and 1, 2, 4 ... up to
// the available cores. Throws Error(usage).
std::vector<Cell> cells_of(const std::string& modes, const std::string& cores, int available);

// Indices of `count` cells, shuffled for each round, so that drift (heat, other load) affects all
// cells alike. In round 0 the reference comes first: the others are compared with its result.
std::vector<std::size_t> order_of_round(std::size_t count, int round, std::uint64_t seed);

}  // namespace quadrant
