// SPDX-License-Identifier: MIT
// The answer of a benchmark: which mode on how many cores, and how much faster it is.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "pipeline/counted.h"
#include "tools/bench_result.h"

namespace quadrant {
namespace {

struct Rival {
  const MeasuredCell* cell;
  CellSummary summary;
};

// Fastest first. A cell with a different result does not count.
std::vector<Rival> rivals_of(const BenchResult& result) {
  std::vector<Rival> all;
  for (const MeasuredCell& cell : result.cells)
    if (const auto summary = result.summary(cell); summary && cell.differences.empty())
      all.push_back({&cell, *summary});
  std::ranges::stable_sort(all, std::ranges::greater{},
                           [](const Rival& r) { return r.summary.fps.value; });
  return all;
}

std::string text_of(const Rival& best, const MeasuredCell& reference) {
  const CellSummary& s = best.summary;
  return fmt::format(
      "{} is fastest: {:.2f} fps ({:.2f} to {:.2f}), {:.2f} times {}; {} in {:.2f} s",
      name_of(best.cell->cell), s.fps.value, s.fps.low, s.fps.high, s.speed_up.value,
      name_of(reference.cell), counted(best.cell->runs.front().frames, "frame"), s.wall_seconds);
}

}  // namespace

BenchResult::Answer BenchResult::answer() const {
  const std::vector<Rival> rivals = rivals_of(*this);
  if (rivals.empty()) return {};
  const Rival& best = rivals.front();
  Answer answer{best.cell, {text_of(best, cells.front())}};
  std::vector<std::string> as_fast;
  for (const Rival& rival : rivals)
    if (rival.cell != best.cell && rival.summary.fps.high >= best.summary.fps.low)
      as_fast.push_back(name_of(rival.cell->cell));
  if (!as_fast.empty())
    answer.summary.push_back(
        fmt::format("perhaps as fast, since the intervals overlap: {}", fmt::join(as_fast, ", ")));
  return answer;
}

}  // namespace quadrant
