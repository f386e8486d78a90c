// SPDX-License-Identifier: MIT
#include "pipeline/observe/time_left.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace quadrant {
namespace {

constexpr std::size_t most_marks = 128, fewest_stretches = 4;

void count(const InputProgress& input, BatchTotals& totals) {
  totals.frames += input.frames;
  totals.done += input.status == "done" || input.status == "up-to-date";
  totals.under_way += input.status == "running";
  totals.failed += input.status == "failed";
  totals.left += input.status == "waiting" || input.status == "stopped";
}

}  // namespace

BatchTotals totals(const BatchProgress& now) {
  BatchTotals t;
  double known = 0, known_frames = 0, unknown = 0;
  for (const InputProgress& input : now.inputs) {
    count(input, t);
    const bool is_known = is_final(input) || input.expected > 0;
    const long length = is_final(input) ? input.frames : std::max(input.expected, input.frames);
    if (is_known && length - input.kept > 0) {
      ++known;
      known_frames += static_cast<double>(length - input.kept);
      t.made += static_cast<double>(input.frames - input.kept);
      t.missing += static_cast<double>(length - input.frames);
    } else if (!is_known) {
      ++unknown;
    }
  }
  if (known > 0) t.missing += known_frames / known * unknown;
  return t;
}

void TimeLeft::look(double seconds, double made) {
  if (made <= 0 || (!marks_.empty() && seconds - marks_.back().seconds < slice_)) return;
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

// Of stretches of so many slices, from the newest backwards.
std::vector<double> TimeLeft::paces(std::size_t slices) const {
  std::vector<double> all;
  for (std::size_t i = marks_.size() - 1; i >= slices; i -= slices)
    all.push_back(pace(marks_[i - slices], marks_[i]));
  std::ranges::sort(all);
  return all;
}

std::optional<std::pair<double, double>> TimeLeft::range(double missing) const {
  if (missing <= 0) return std::nullopt;
  // What is done by whole units comes in bursts: then longer stretches of time are compared.
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
