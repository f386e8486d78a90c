// SPDX-License-Identifier: MIT
#include "pipeline/execute/frame_states.h"

#include <memory>
#include <variant>

namespace quadrant {
namespace {

const Work& work_of(const Node& node) {
  return std::visit([](const auto& work) -> const Work& { return *work; }, node);
}

FrameStateKind kind_of(const Node& node) {
  if (std::holds_alternative<std::unique_ptr<AsyncNode>>(node)) return FrameStateKind::wait;
  return work_of(node).holds_frames ? FrameStateKind::window : FrameStateKind::stage;
}

Ticket* ticket_of(Item& item) {
  Picture* picture = item.picture();
  return picture ? picture->ticket.get() : nullptr;
}

}  // namespace

std::vector<NodeStates> states_of(const Chain& chain, ProgressMeter& meter) {
  std::vector<NodeStates> all;
  for (const Node& node : chain) {
    const int number = static_cast<int>(all.size());
    const auto state = [&](FrameStateKind kind) {
      return &meter.state({number, kind, work_of(node).name});
    };
    const bool ordered = std::holds_alternative<std::unique_ptr<SerialNode>>(node);
    all.push_back({ordered ? state(FrameStateKind::order) : nullptr, state(FrameStateKind::queue),
                   state(kind_of(node))});
  }
  return all;
}

void take_up(Item& item, const NodeStates& states, double ready) {
  Ticket* ticket = ticket_of(item);
  if (!ticket) return;
  ticket->move_to(*states.queue, ready);
  ticket->move_to(*states.in);
}

void take_up(Item& item, const NodeStates& states) {
  if (Ticket* ticket = ticket_of(item)) ticket->move_to(*states.in);
}

void put_down(Item& item, const NodeStates& next) {
  item.put_down = wall_seconds();
  if (Ticket* ticket = ticket_of(item)) ticket->move_to(*next.before(), item.put_down);
}

}  // namespace quadrant
