// SPDX-License-Identifier: MIT
// The states that a frame in progress can be in: waiting before each node of the chain, or in it.
#pragma once

#include <vector>

#include "pipeline/execute/node.h"
#include "pipeline/observe/in_progress.h"

namespace quadrant {

struct NodeStates {
  FrameState*
      order;  // before a serial node until all earlier items have come; null: of another node
  FrameState* queue;
  FrameState* in;
  FrameState* before() const { return order ? order : queue; }
};

// By node. They live in `meter`.
std::vector<NodeStates> states_of(const Chain& chain, ProgressMeter& meter);

// A node begins with the item. `ready`: wall_seconds() when it was its turn; before that it was
// held for the order.
void take_up(Item& item, const NodeStates& states, double ready);
void take_up(Item& item, const NodeStates& states);
// It is done with it, and the item is before the next one now.
void put_down(Item& item, const NodeStates& next);

}  // namespace quadrant
