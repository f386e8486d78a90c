// SPDX-License-Identifier: MIT
// A run over time, and for how long it was how parallel.
//
// The thread that watches the run takes readings of growing counters several times a second. Two
// readings make a sample, so a sample is the mean over its interval and misses no moment. When the
// maximum number of samples is reached, each two become one: ten hours take as little memory as ten
// minutes, at a lower resolution.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace quadrant {

class OverTime {
 public:
  struct Counters {
    double wall = 0;             // wall_seconds()
    double frame_seconds = 0;    // ProgressMeter::integral()
    double cpu = 0;              // seconds, of all threads and processes of the run
    std::int64_t rss_bytes = 0;  // now
  };
  struct Sample {
    double begin = 0, end = 0;              // seconds from the first reading
    double in_progress = 0, executing = 0;  // means over that interval
    std::int64_t rss_bytes = 0;             // the peak
  };
  static constexpr std::size_t most_samples = 1000;
  static constexpr double bin_cores = 0.25;  // of executing_seconds()

  explicit OverTime(const Counters& first) : first_(first), last_(first) {}
  // Adds the interval that ends now; nothing if no time has passed.
  void add(const Counters& now);

  const std::vector<Sample>& samples() const { return samples_; }
  // Seconds by cores executing: [i] is for i to i + 1 times bin_cores, over the intervals as read.
  const std::vector<double>& executing_seconds() const { return executing_seconds_; }
  Sample last() const { return read_; }  // the last interval, as read

 private:
  static Sample joined(const Sample& a, const Sample& b);
  void keep(const Sample& sample);

  Counters first_, last_;
  Sample read_;
  double shortest_ = 0;  // the least length of a sample, except the last
  std::vector<Sample> samples_;
  std::vector<double> executing_seconds_;
};

}  // namespace quadrant
