// SPDX-License-Identifier: MIT
// Runs an excerpt of an input as `sequential` does, to measure what a frame costs in each stage.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "pipeline/media/stop.h"
#include "pipeline/plan/plan.h"

namespace quadrant {

struct Excerpt {
  std::shared_ptr<const Plan> plan;
  Segment segment;  // its `packets` may be fewer than the segment's
};

// Sums over an excerpt, in seconds.
struct ExcerptCosts {
  struct Stage {
    double cpu = 0, wait = 0;
  };
  std::map<int, Stage> stages;  // by index in InputMeter
  std::int64_t packets = 0, frames = 0;
  double begin_cpu = 0;    // to open input, decoder and encoder
  double cpu = 0;          // of the thread that ran it, after that
  double process_cpu = 0;  // of the whole process in that time
  int held = 0;            // frames that the encoder took before the first packet came out
  double filling_cpu = 0;  // the encoder's CPU seconds for those frames

  double cpu_in_stages() const;
};

// Writes nothing. Ends with the segment, or when `goes_on`, called before each packet, returns
// false. Throws Error.
ExcerptCosts run_excerpt(const Excerpt& excerpt,
                         const std::function<bool(std::int64_t packets)>& goes_on,
                         const StopFlag& stop);

// Total CPU seconds of the excerpts with all their packets, each in its own thread at the same
// time. Throws Error.
double cpu_at_once(const std::vector<const Excerpt*>& excerpts, const StopFlag& stop);

// The same packets in mode `tiles`.
ExcerptCosts run_excerpt_in_tiles(const Excerpt& excerpt, int cores, const StopFlag& stop);

}  // namespace quadrant
