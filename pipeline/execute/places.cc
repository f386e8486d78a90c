// SPDX-License-Identifier: MIT
#include "pipeline/execute/places.h"

#include <memory>
#include <variant>

namespace quadrant {
namespace {

const Work& work_of(const Node& node) {
  return std::visit([](const auto& work) -> const Work& { return *work; }, node);
}

PlaceKind kind_of(const Node& node) {
  if (std::holds_alternative<std::unique_ptr<Wait>>(node)) return PlaceKind::wait;
  return work_of(node).holds_frames ? PlaceKind::window : PlaceKind::stage;
}

Ticket* ticket_of(Item& item) {
  Picture* picture = item.picture();
  return picture ? picture->ticket.get() : nullptr;
}

}  // namespace

std::vector<NodePlaces> places_of(const Chain& chain, ProgressMeter& meter) {
  std::vector<NodePlaces> all;
  for (const Node& node : chain) {
    const int number = static_cast<int>(all.size());
    const auto place = [&](PlaceKind kind) {
      return &meter.place({number, kind, work_of(node).name});
    };
    const bool ordered = std::holds_alternative<std::unique_ptr<Lane>>(node);
    all.push_back({ordered ? place(PlaceKind::order) : nullptr, place(PlaceKind::queue),
                   place(kind_of(node))});
  }
  return all;
}

void take_up(Item& item, const NodePlaces& places, double ready) {
  Ticket* ticket = ticket_of(item);
  if (!ticket) return;
  ticket->move_to(*places.queue, ready);
  ticket->move_to(*places.in);
}

void take_up(Item& item, const NodePlaces& places) {
  if (Ticket* ticket = ticket_of(item)) ticket->move_to(*places.in);
}

void put_down(Item& item, const NodePlaces& next) {
  item.put_down = wall_seconds();
  if (Ticket* ticket = ticket_of(item)) ticket->move_to(*next.before(), item.put_down);
}

}  // namespace quadrant
