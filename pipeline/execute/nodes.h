// SPDX-License-Identifier: MIT
// The nodes of a plan's steps.
#pragma once

#include "pipeline/execute/node.h"
#include "pipeline/execute/observer.h"
#include "pipeline/execute/tile_step.h"

namespace quadrant {

// How much of its own work a step may run over the cores.
struct TileLoops {
  ParallelFor strips;  // the strips of one frame
  ParallelFor slices;  // what a stage splits for itself (libavfilter's slices)
};

ParallelFor one_after_another();

// Appends the nodes for `step`, which must outlive them. `index` is that of its first stage among
// all stages; it is advanced.
void append_nodes(Chain& chain, const Step& step, const TileLoops& loops, InputMeter& meter,
                  int& index, const FrameTap& tap);

// Appends a node that shows what passes here as what `index` made; none where nobody looks.
void append_tap(Chain& chain, const FrameTap& tap, int index);

}  // namespace quadrant
