// SPDX-License-Identifier: MIT
#include "pipeline/verify/comparison.h"

#include <algorithm>

#include "pipeline/contract/view.h"
#include "pipeline/observe/meter.h"

namespace quadrant {

void Comparison::on_frame(int stage_index, std::int64_t pts, const View& rows) {
  const std::size_t index = reference_.index_of(stage_index);
  const bool same = reference_.knows(index, pts, rows.luma_rows(), hash_of(rows));
  const bool known = same || reference_.pictures(index).contains(pts);
  const std::lock_guard lock(mutex_);
  ++at_[index].seen[pts];
  if (same) return;
  const auto kind = known ? Finding::Kind::differs : Finding::Kind::extra;
  note({kind, index, pts, rows.luma_rows(), {}}, &rows);
}

// The caller holds the lock.
void Comparison::note(Finding finding, const View* rows) {
  At& at = at_[finding.index];
  at.differing.insert(finding.pts);
  const auto order = [](const Finding& f) { return std::pair(f.pts, f.rows.begin); };
  if (at.first && order(*at.first) <= order(finding)) return;
  if (finding.kind == Finding::Kind::differs) finding.samples = copy_of(*rows);
  at.first = std::move(finding);
}

void Comparison::finish(Grid grid) {
  const std::lock_guard lock(mutex_);
  for (std::size_t index = 0; index < at_.size(); ++index) {
    const TapPoint& point = reference_.points()[index];
    const std::size_t tiles = point.tiles.size() == 1 || grid == Grid::whole ? 1
                              : grid == Grid::planned                        ? point.tiles.size()
                                                      : strips_of(point.format).size();
    for (const auto& [pts, pictures] : reference_.pictures(index)) {
      const std::size_t wanted = tiles * pictures.size(), seen = at_[index].seen[pts];
      const auto kind = seen < wanted ? Finding::Kind::missing : Finding::Kind::extra;
      if (seen != wanted) note({kind, index, pts, {0, point.format.height}, {}}, nullptr);
    }
  }
}

const Finding* Comparison::first() const {
  const auto found = std::ranges::find_if(at_, [](const At& at) { return at.first.has_value(); });
  return found == at_.end() ? nullptr : &*found->first;
}

std::vector<std::int64_t> Comparison::differing_frames() const {
  std::vector<std::int64_t> frames;
  for (const At& at : at_) frames.push_back(static_cast<std::int64_t>(at.differing.size()));
  return frames;
}

void SecondLook::want(const Finding& finding) {
  if (finding.kind == Finding::Kind::differs) wanted_[key_of(finding)];
}

void SecondLook::on_frame(int stage_index, std::int64_t pts, const View& rows) {
  const std::size_t index = reference().index_of(stage_index);
  const Key from{index, pts, 0, 0};
  for (auto it = wanted_.lower_bound(from); it != wanted_.end(); ++it) {
    if (it->first.index != index || it->first.pts != pts) break;
    it->second = copy_of(rows.part({it->first.begin, it->first.end}));
  }
  Comparison::on_frame(stage_index, pts, rows);
}

const Samples* SecondLook::found(const Finding& finding) const {
  const auto it = wanted_.find(key_of(finding));
  return it == wanted_.end() || it->second.empty() ? nullptr : &it->second;
}

}  // namespace quadrant
