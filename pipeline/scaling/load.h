// SPDX-License-Identifier: MIT
// What one unit of a workload needs of each resource: the demands that the bounds use.
#pragma once

#include <string>
#include <vector>

#include "pipeline/scaling/workload.h"

namespace quadrant {

struct LongestSerial {
  double seconds = 0;
  std::string name;
};

// Seconds of a unit, running alone on one core.
struct Load {
  double begin = 0;    // to open the unit
  double frames = 0;   // number of its frames that are in progress at some time
  double work = 0;     // CPU, of all threads
  double threads = 0;  // of `work`, in the encoder's own threads
  double wait = 0;     // sum over its frames
  double drain = 0;    // CPU to empty the encoder at the end, after all other work
  double admitted_cpu = 0, admitted_wait = 0;  // of work and wait, while a frame is in progress
  double strips = 0;                           // of `work`, what `tiles` spreads over the cores
  double spread = 0;                           // how long the spread work takes on all cores
  double handing = 0;    // CPU of all cores to hand out strips, in addition to `work`
  LongestSerial serial;  // the most expensive node that takes one frame at a time, in order

  // The load with only this share of its frames left.
  Load rest(double share) const;
  double per_frame(double seconds) const { return frames > 0 ? seconds / frames : seconds; }
};

Load load_of(const Workload& workload, const ModelUnit& unit, int cores);

}  // namespace quadrant
