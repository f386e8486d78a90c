// SPDX-License-Identifier: MIT
// The nodes of a plan's steps.
#pragma once

#include "pipeline/execute/node.h"
#include "pipeline/execute/observer.h"
#include "pipeline/execute/tile_step.h"

namespace quadrant {

// How much of its own work a step may spread over the cores.
struct Spread {
  ParallelFor strips;  // the strips of one frame
  ParallelFor slices;  // what a stage splits for itself (libavfilter's slices)
};

ParallelFor one_after_another();

// Appends the nodes for `step`, which must outlive them. `place` is that of its first stage among
// all stages; it is advanced.
void append_nodes(Chain& chain, const Step& step, const Spread& spread, InputMeter& meter,
                  int& place, const Lookout& lookout);

// Appends a node that shows what passes here as what `place` made; none where nobody looks.
void append_lookout(Chain& chain, const Lookout& lookout, int place);

}  // namespace quadrant
