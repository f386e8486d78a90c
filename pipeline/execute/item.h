// SPDX-License-Identifier: MIT
// What travels from the demuxer to the muxer: packets, pictures, and the end of the input.
//
// All items of an input, copied audio included, go the same way in one order. A serial node takes
// items by index and renumbers what it emits; between two serial nodes, items may finish in any
// order. So the muxer is called in the same order in every mode, and writes the same bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "pipeline/contract/frame.h"
#include "pipeline/media/mux.h"
#include "pipeline/observe/in_progress.h"

namespace quadrant {

// A frame in progress, with the neighbours in time that the next step reads.
struct Picture {
  std::vector<Frame> frames;  // in order of time
  int current = 0;
  std::shared_ptr<Ticket> ticket;  // released when the encoder has taken the frame

  const Frame& frame() const { return frames[static_cast<std::size_t>(current)]; }
};

struct End {};  // the last item of an input

struct Item {
  std::uint64_t index = 0;  // position in the order, set by the node that emitted the item
  std::variant<Packet, Picture, Coded, End> what;
  double put_down = 0;  // wall_seconds() when it was put before its next node

  Picture* picture() { return std::get_if<Picture>(&what); }
};

using EmitItem = std::function<void(Item)>;

}  // namespace quadrant
