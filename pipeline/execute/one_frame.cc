// SPDX-License-Identifier: MIT
#include "pipeline/execute/one_frame.h"

#include <future>

namespace quadrant {
namespace {

class OneInput {
 public:
  OneInput(Session& session, const Spread& spread, const Runtime& runtime)
      : session_(session),
        runtime_(runtime),
        chain_(session.chain(spread, [] { return nullptr; })) {}

  void run(const GoesOn& goes_on) {
    while (goes_on()) {
      Packet packet = session_.read();
      if (!packet) break;
      if (runtime_.stop.raised()) fail(Fault::stopped, "{}: stopped", session_.plan().input.name);
      push(0, Item{0, std::move(packet)});
    }
    push(0, Item{0, End{}});
    session_.finish();
  }

 private:
  // Takes an item through node `i` and all that follow, then returns.
  void push(std::size_t i, Item item) {
    if (i == chain_.size()) return write(item);
    if (auto* lane = std::get_if<std::unique_ptr<Lane>>(&chain_[i])) {
      (*lane)->push(std::move(item), [&](Item out) { count_and_push(i + 1, std::move(out)); });
    } else if (auto* map = std::get_if<std::unique_ptr<Map>>(&chain_[i])) {
      push(i + 1, (*map)->apply(std::move(item)));
    } else {
      push(i + 1, wait(*std::get<std::unique_ptr<Wait>>(chain_[i]), std::move(item)));
    }
  }

  // The decoder's frames are admitted one by one: each is in progress until what became of it was
  // taken. A frame that only waits for its neighbours in time has not begun. At the end the encoder
  // works on what it took ahead: one is in progress until that is done.
  void count_and_push(std::size_t i, Item item) {
    const bool ends = std::holds_alternative<End>(item.what);
    if (i != 1 || (!item.picture() && !ends)) return push(i, std::move(item));
    const Ticket ticket(runtime_.meter, nullptr);
    push(i, std::move(item));
  }

  static Item wait(Wait& node, Item item) {
    std::promise<Item> arrived;
    node.start(std::move(item), [&](Item out, std::exception_ptr failure) {
      failure ? arrived.set_exception(failure) : arrived.set_value(std::move(out));
    });
    return arrived.get_future().get();
  }

  void write(const Item& item) {
    if (const Coded* coded = std::get_if<Coded>(&item.what)) session_.write(*coded);
  }

  Session& session_;
  const Runtime& runtime_;
  Chain chain_;
};

std::exception_ptr run_unit(Unit& unit, const Spread& spread, const Runtime& runtime) {
  try {
    if (runtime.stop.raised()) fail(Fault::stopped, "stopped");
    const std::unique_ptr<Session> session = unit.open();
    if (!session) return nullptr;
    session->open(unit.part_path());
    run_one_frame_at_a_time(*session, spread, runtime, [] { return true; });
    return nullptr;
  } catch (...) {
    return std::current_exception();
  }
}

}  // namespace

void run_one_frame_at_a_time(Session& session, const Spread& spread, const Runtime& runtime,
                             const GoesOn& goes_on) {
  OneInput(session, spread, runtime).run(goes_on);
}

void run_one_frame_at_a_time(Units& units, const Spread& spread, const Runtime& runtime) {
  while (const std::unique_ptr<Unit> unit = units.next())
    unit->done(run_unit(*unit, spread, runtime));
}

}  // namespace quadrant
