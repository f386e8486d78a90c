// SPDX-License-Identifier: MIT
#include "pipeline/observe/over_time.h"

#include <algorithm>

namespace quadrant {

void OverTime::add(const Counters& now) {
  const double wall = now.wall - last_.wall;
  if (wall <= 0) return;
  // The CPU time of an ended process moves from one clock to another, with a gap.
  const double cpu = std::max(0.0, now.cpu - last_.cpu);
  read_ = {.begin = last_.wall - first_.wall,
           .end = now.wall - first_.wall,
           .in_progress = (now.frame_seconds - last_.frame_seconds) / wall,
           .executing = cpu / wall,
           .rss_bytes = now.rss_bytes};
  const auto bin = static_cast<std::size_t>(read_.executing / bin_cores);
  if (executing_seconds_.size() <= bin) executing_seconds_.resize(bin + 1);
  executing_seconds_[bin] += wall;
  const double most_cpu = std::max(last_.cpu, now.cpu);  // otherwise a dip would be counted twice
  last_ = now;
  last_.cpu = most_cpu;
  keep(read_);
}

OverTime::Sample OverTime::joined(const Sample& a, const Sample& b) {
  const double one = a.end - a.begin, other = b.end - b.begin, both = one + other;
  return {.begin = a.begin,
          .end = b.end,
          .in_progress = (a.in_progress * one + b.in_progress * other) / both,
          .executing = (a.executing * one + b.executing * other) / both,
          .rss_bytes = std::max(a.rss_bytes, b.rss_bytes)};
}

void OverTime::keep(const Sample& sample) {
  const bool grows = !samples_.empty() && samples_.back().end - samples_.back().begin < shortest_;
  if (grows) {
    samples_.back() = joined(samples_.back(), sample);
    return;
  }
  samples_.push_back(sample);
  if (samples_.size() < most_samples) return;
  for (std::size_t i = 0; i < samples_.size() / 2; ++i)
    samples_[i] = joined(samples_[2 * i], samples_[2 * i + 1]);
  samples_.resize(samples_.size() / 2);
  shortest_ =
      (samples_.back().end - samples_.front().begin) / static_cast<double>(samples_.size()) * 0.95;
}

}  // namespace quadrant
