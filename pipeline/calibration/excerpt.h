// SPDX-License-Identifier: MIT
// An excerpt of an input, run as `sequential` runs it, to see what a frame costs where.
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
  Segment segment;  // its `packets` may be fewer than the segment has
};

// Sums over an excerpt, in seconds.
struct ExcerptCosts {
  struct Stage {
    double cpu = 0, wait = 0;
  };
  std::map<int, Stage> stages;  // as InputMeter counts them
  std::int64_t packets = 0, frames = 0;
  double begin_cpu = 0;    // to open input, decoder and encoder
  double cpu = 0;          // of the thread that ran it, from then on
  double process_cpu = 0;  // of the whole process meanwhile
  int held = 0;            // frames that the encoder took before the first came out
  double filling_cpu = 0;  // what the encoder spent on those when it took them

  double cpu_in_stages() const;
};

// Nothing is written. Ends when the segment does, or when `goes_on` says so: it is asked
// before each packet. Throws Error.
ExcerptCosts run_excerpt(const Excerpt& excerpt,
                         const std::function<bool(std::int64_t packets)>& goes_on,
                         const StopFlag& stop);

// CPU seconds of the excerpts, all of their packets, each in a thread of its own at the same time.
// Throws Error.
double cpu_at_once(const std::vector<const Excerpt*>& excerpts, const StopFlag& stop);

// The same packets in mode `tiles`.
ExcerptCosts run_excerpt_in_tiles(const Excerpt& excerpt, int cores, const StopFlag& stop);

}  // namespace quadrant
