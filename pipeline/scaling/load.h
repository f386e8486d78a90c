// SPDX-License-Identifier: MIT
// What one unit of a workload asks of each resource: the demands that the bounds are made of.
#pragma once

#include <string>
#include <vector>

#include "pipeline/scaling/workload.h"

namespace quadrant {

struct LongestSerial {
  double seconds = 0;
  std::string name;
};

// Seconds of a unit, each alone on one core.
struct Load {
  double begin = 0;    // to open it
  double frames = 0;   // a number: that are in progress at one time or another
  double work = 0;     // CPU, of all threads
  double threads = 0;  // of it, in the encoder's own threads
  double wait = 0;     // of its frames, one after another
  double drain = 0;    // CPU to empty the encoder at the end, when nothing else is left to do
  double admitted_cpu = 0, admitted_wait = 0;  // of work and wait, while a frame is in progress
  double strips = 0;                           // of work, what `tiles` spreads over the cores
  double spread = 0;                           // how long that takes on all cores
  double handing = 0;    // CPU of all cores to hand the strips out, beside work
  LongestSerial serial;  // the longest: what takes one frame at a time, in order

  // With only this share of its frames left.
  Load rest(double share) const;
  double per_frame(double seconds) const { return frames > 0 ? seconds / frames : seconds; }
};

Load load_of(const Workload& workload, const ModelUnit& unit, int cores);

}  // namespace quadrant
