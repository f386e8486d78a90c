// SPDX-License-Identifier: MIT
#include "pipeline/observe/time_left.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace quadrant {
namespace {

constexpr std::size_t most_marks = 128, fewest_stretches = 4;

}  // namespace

BatchTotals totals(const BatchProgress& now) {
  BatchTotals t{.done = now.ended.done,
                .under_way = now.running.size(),
                .failed = now.ended.failed,
                .frames = now.ended.frames,
                .made = now.ended.made};
  t.left = now.inputs - t.done - t.failed - t.under_way;
  auto known = static_cast<double>(now.ended.measured);
  double known_frames = now.ended.made;
  auto unknown = static_cast<double>(t.left - now.ended.stopped);
  for (const InputProgress& input : now.running) {
    t.frames += input.coded();
    const long length = std::max(input.expected, input.frames);
    if (input.expected <= 0) {
      ++unknown;
    } else if (length - input.kept > 0) {
      ++known;
      known_frames += static_cast<double>(length - input.kept);
      t.made += static_cast<double>(input.coded() - input.kept);
      t.missing += static_cast<double>(length - input.coded());
    }
  }
  if (known > 0) t.missing += known_frames / known * unknown;
  return t;
}

void TimeLeft::look(double seconds, double made) {
  if (made <= 0) return;
  last_ = {seconds, made};
  if (!marks_.empty() && seconds - marks_.back().seconds < slice_) return;
  marks_.push_back({seconds, made});
  if (marks_.size() <= most_marks) return;
  for (std::size_t i = 0; 2 * i < marks_.size(); ++i) marks_[i] = marks_[2 * i];
  marks_.resize((marks_.size() + 1) / 2);
  slice_ *= 2;
}

double TimeLeft::pace(const Mark& from, const Mark& to) {
  const double made = to.made - from.made;
  return made > 0 ? (to.seconds - from.seconds) / made : std::numeric_limits<double>::infinity();
}

// Seconds per frame over intervals of `slices` slices, from the newest backwards.
std::vector<double> TimeLeft::paces(std::size_t slices) const {
  std::vector<double> all;
  for (std::size_t i = marks_.size() - 1; i >= slices; i -= slices)
    all.push_back(pace(marks_[i - slices], marks_[i]));
  std::ranges::sort(all);
  return all;
}

std::optional<double> TimeLeft::mean(double missing) const {
  constexpr double least_seconds = 0.5;
  if (marks_.empty() || last_.seconds - marks_.front().seconds < least_seconds) return std::nullopt;
  const double left = missing * pace(marks_.front(), last_);
  return std::isfinite(left) ? std::optional(left) : std::nullopt;
}

std::optional<std::pair<double, double>> TimeLeft::range(double missing) const {
  if (missing <= 0) return std::nullopt;
  // Whole units finish in bursts; if that leaves intervals without frames, compares longer ones.
  for (std::size_t slices = 1; fewest_stretches * slices < marks_.size(); slices *= 2) {
    const std::vector<double> all = paces(slices);
    const std::size_t quarter = all.size() / 4;
    const double mean = pace(marks_.front(), marks_.back());
    const double quick = std::min(all[quarter], mean);
    const double slow = std::max(all[all.size() - 1 - quarter], mean);
    if (std::isfinite(slow)) return std::pair(missing * quick, missing * slow);
  }
  return std::nullopt;
}

}  // namespace quadrant
