// SPDX-License-Identifier: MIT
#include "pipeline/media/rate.h"

#include <algorithm>
#include <cmath>

#include "pipeline/media/ticks.h"

namespace quadrant {

// The mean of a constant rate is slightly off if the last frame is cut short or a frame is missing.
// For field-coded streams r_frame_rate counts fields.
bool header_says_variable(const AVStream& stream, AVRational nominal) {
  const auto near = [](double a, double b) { return std::abs(a / b - 1) < 0.005; };
  if (nominal.num <= 0) return true;
  if (av_cmp_q(stream.time_base, av_inv_q(nominal)) == 0) return false;  // time base is the rate
  if (stream.avg_frame_rate.num <= 0 || stream.r_frame_rate.num <= 0) return true;
  const double mean = av_q2d(stream.avg_frame_rate), base = av_q2d(stream.r_frame_rate);
  return !near(mean, av_q2d(nominal)) || !(near(mean, base) || near(2 * mean, base));
}

bool leave_grid(std::vector<std::int64_t> times, AVRational time_base, AVRational rate) {
  constexpr double most_ticks = 1.5;
  if (rate.num <= 0) return true;
  std::ranges::sort(times);
  const double period = 1 / (av_q2d(rate) * av_q2d(time_base));  // ticks
  double last_slot = -1;
  for (std::int64_t time : times) {
    const auto since = static_cast<double>(minus(time, times.front()));
    const double slot = std::round(since / period);
    if (std::abs(since - slot * period) > most_ticks || slot <= last_slot) return true;
    last_slot = slot;
  }
  return false;
}

}  // namespace quadrant
