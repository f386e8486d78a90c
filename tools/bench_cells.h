// SPDX-License-Identifier: MIT
// Which cells a benchmark has, and in what order their runs come.
#pragma once

#include <string>
#include <vector>

#include "pipeline/scaling/measured.h"

namespace quadrant {

std::vector<std::string> words_of(const std::string& list);  // what stands between its commas

// Every mode on every number of cores, `sequential` on one core first: all others are compared with
// it, so it is there whether or not it was asked for. `concurrent` has one core by its nature.
// `modes` and `cores` are lists with commas, as on the command line; empty: the five modes, and 1,
// 2, 4 ... up to the cores there are. Throws Error(usage).
std::vector<Cell> cells_of(const std::string& modes, const std::string& cores, int available);

// Indices of `count` cells, shuffled for each round, so that what drifts (heat, other load) is no
// cell's own. In round 0 the reference comes first: the others are compared with what it made.
std::vector<std::size_t> order_of_round(std::size_t count, int round, std::uint64_t seed);

}  // namespace quadrant
