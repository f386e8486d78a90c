// SPDX-License-Identifier: MIT
// The nodes of a plan's steps.
#pragma once

#include "pipeline/execute/codec_nodes.h"
#include "pipeline/execute/node.h"
#include "pipeline/execute/observer.h"
#include "pipeline/execute/tile_step.h"

namespace quadrant {

// How a step spreads its own work over the cores.
struct TileLoops {
  ParallelFor strips;  // the strips of one frame
  ParallelFor slices;  // what a stage splits for itself (libavfilter's slices)
};

// Appends the nodes for `step`, which must outlive them. `index` is that of the step's first stage
// among all stages; the call advances it past the step. `admit` admits the frames that a stage
// makes beyond one a frame.
void append_nodes(Chain& chain, const Step& step, const TileLoops& loops, InputMeter& meter,
                  int& index, const FrameTap& tap, const Admit& admit);

// Appends a node that shows each frame to the observer as made by `index`; none without an
// observer.
void append_tap(Chain& chain, const FrameTap& tap, int index);

}  // namespace quadrant
