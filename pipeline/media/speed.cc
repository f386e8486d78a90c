// SPDX-License-Identifier: MIT
#include "pipeline/media/speed.h"

#include <climits>
#include <cmath>

#include "pipeline/media/ticks.h"

namespace quadrant {
namespace {

constexpr int thousandths = 1000;

AVRational ratio_of(double speed) {
  return {static_cast<int>(std::lround(speed * thousandths)), thousandths};
}

AVRational product(AVRational a, AVRational b) {
  AVRational result{};
  av_reduce(&result.num, &result.den, std::int64_t{a.num} * b.num, std::int64_t{a.den} * b.den,
            INT_MAX);
  return result;
}

}  // namespace

AVRational time_base_at(double speed, AVRational time_base) {
  return speed == 1 ? time_base : product(time_base, av_inv_q(ratio_of(speed)));
}

void set_speed(double speed, AVFormatContext& context, InputInfo& info) {
  info.speed = speed;
  if (speed == 1) return;
  for (StreamInfo& s : info.streams) {
    s.start_seconds = info.start_seconds + (s.start_seconds - info.start_seconds) / speed;
    s.duration_seconds /= speed;
    Format& f = s.format;
    f.time_base = av::from_av(time_base_at(speed, av::to_av(f.time_base)));
    if (f.frame_rate.num > 0)
      f.frame_rate = av::from_av(product(av::to_av(f.frame_rate), ratio_of(speed)));
  }
  info.duration_seconds /= speed;
  const std::int64_t origin = context.start_time == AV_NOPTS_VALUE ? 0 : context.start_time;
  for (unsigned i = 0; i < context.nb_chapters; ++i) {
    AVChapter& chapter = *context.chapters[i];
    const std::int64_t from = rescaled(origin, AV_TIME_BASE_Q, chapter.time_base);
    for (std::int64_t* time : {&chapter.start, &chapter.end})
      *time = plus(from, std::llround(static_cast<double>(minus(*time, from)) / speed));
  }
}

// One instance leaves samples out above 2, and takes nothing below 0.5: several follow each other.
std::string tempo_filters(double speed) {
  std::string chain;
  for (double left = speed; left != 1;) {
    const double factor = left > 2 ? 2 : left < 0.5 ? 0.5 : left;
    chain += fmt::format("{}atempo={:.9g}", chain.empty() ? "" : ",", factor);
    left = factor == left ? 1 : left / factor;
  }
  return chain;
}

}  // namespace quadrant
