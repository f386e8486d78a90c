// SPDX-License-Identifier: MIT
#include "pipeline/observe/time_left.h"

#include <algorithm>
#include <limits>

namespace quadrant {
namespace {

constexpr std::size_t most_marks = 128, fewest_slices = 4;

bool is_final(const InputProgress& input) {
  return input.status != "waiting" && input.status != "running";
}

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
    const long length = is_final(input) ? input.frames : std::max(input.expected, input.frames);
    if (length - input.kept > 0) {
      ++known;
      known_frames += static_cast<double>(length - input.kept);
      t.made += static_cast<double>(input.frames - input.kept);
      t.missing += static_cast<double>(length - input.frames);
    } else if (!is_final(input)) {
      ++unknown;
    }
  }
  if (known > 0) t.missing += known_frames / known * unknown;
  return t;
}

void TimeLeft::look(double seconds, double made) {
  if (marks_.empty()) marks_.push_back({0, 0});
  if (seconds - marks_.back().seconds < slice_) return;
  marks_.push_back({seconds, made});
  if (marks_.size() <= most_marks) return;
  for (std::size_t i = 0; 2 * i < marks_.size(); ++i) marks_[i] = marks_[2 * i];
  marks_.resize((marks_.size() + 1) / 2);
  slice_ *= 2;
}

std::vector<double> TimeLeft::paces(std::size_t slices) const {
  std::vector<double> all;
  for (std::size_t i = slices; i < marks_.size(); i += slices) {
    const Mark &from = marks_[i - slices], &to = marks_[i];
    const double made = to.made - from.made;
    all.push_back(made > 0 ? (to.seconds - from.seconds) / made
                           : std::numeric_limits<double>::infinity());
  }
  std::ranges::sort(all);
  return all;
}

std::optional<std::pair<double, double>> TimeLeft::range(double missing) const {
  if (missing <= 0 || marks_.size() <= fewest_slices) return std::nullopt;
  // What is done by whole units comes in bursts: then longer stretches of time are compared.
  for (std::size_t slices = 1; slices < marks_.size(); slices *= 2) {
    const std::vector<double> pace = paces(slices);
    const std::size_t quarter = pace.size() / 4;
    const double slowest = pace[pace.size() - 1 - quarter];
    if (slowest < std::numeric_limits<double>::infinity())
      return std::pair(missing * pace[quarter], missing * slowest);
  }
  return std::nullopt;
}

}  // namespace quadrant
