// SPDX-License-Identifier: MIT
// The places of a chain where a frame in progress can be: before each node, and in it.
#pragma once

#include <vector>

#include "pipeline/execute/node.h"
#include "pipeline/observe/in_progress.h"

namespace quadrant {

struct NodePlaces {
  FramePlace* order;  // before a lane until all earlier items have come; null: no lane
  FramePlace* queue;
  FramePlace* in;
  FramePlace* before() const { return order ? order : queue; }
};

// By node. They live in `meter`.
std::vector<NodePlaces> places_of(const Chain& chain, ProgressMeter& meter);

// A node begins with the item. `ready`: wall_seconds() when it was its turn; before that it was
// held for the order.
void take_up(Item& item, const NodePlaces& places, double ready);
void take_up(Item& item, const NodePlaces& places);
// It is done with it, and the item is before the next one now.
void put_down(Item& item, const NodePlaces& next);

}  // namespace quadrant
