// SPDX-License-Identifier: MIT
// The states of a frame in progress: waiting before a node of the chain, or in it.
#pragma once

#include <vector>

#include "pipeline/execute/node.h"
#include "pipeline/observe/in_progress.h"

namespace quadrant {

struct NodeStates {
  FrameState*
      order;  // before a serial node, until all earlier items have come; null for other nodes
  FrameState* queue;
  FrameState* in;
  FrameState* before() const { return order ? order : queue; }
};

// One NodeStates per node. The states live in `meter`.
std::vector<NodeStates> states_of(const Chain& chain, ProgressMeter& meter);

// A node starts on the item. `ready`: wall_seconds() at which its turn came; until then it was held
// for the order.
void take_up(Item& item, const NodeStates& states, double ready);
void take_up(Item& item, const NodeStates& states);
// The node is done with the item, which now waits before the next node.
void put_down(Item& item, const NodeStates& next);

}  // namespace quadrant
