// SPDX-License-Identifier: MIT
#include "pipeline/execute/one_frame.h"

#include <future>

#include "pipeline/execute/places.h"

namespace quadrant {
namespace {

class OneInput {
 public:
  OneInput(Session& session, const Spread& spread, const Runtime& runtime)
      : session_(session),
        runtime_(runtime),
        chain_(session.chain(spread,
                             [this](const FrameName& name) {
                               next_ = name;
                               return nullptr;
                             })),
        places_(places_of(chain_, runtime.meter)),
        written_(
            runtime.meter.place({static_cast<int>(chain_.size()), PlaceKind::storage, "write"})) {}

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
  // The frame in progress is at `place` for as long as this lives, then where it was before: here
  // a lane ends only when all that follow have ended. No place: it has not begun.
  class At {
   public:
    At(OneInput& input, FramePlace* place) : input_(input), before_(input.at_) { move_to(place); }
    ~At() { move_to(before_); }
    At(const At&) = delete;
    At& operator=(const At&) = delete;

   private:
    void move_to(FramePlace* place) {
      input_.at_ = place;
      if (input_.ticket_ && place) input_.ticket_->move_to(*place);
    }
    OneInput& input_;
    FramePlace* before_;
  };

  struct InProgress {
    explicit InProgress(OneInput& of) : input(of), ticket(of.runtime_.meter, of.next_, nullptr) {
      input.ticket_ = &ticket;
    }
    ~InProgress() { input.ticket_ = nullptr; }
    OneInput& input;
    Ticket ticket;
  };

  // Takes an item through node `i` and all that follow, then returns.
  void push(std::size_t i, Item item) {
    if (i == chain_.size()) return write(item);
    if (auto* lane = std::get_if<std::unique_ptr<Lane>>(&chain_[i])) {
      const At here(*this, places_[i].in);
      (*lane)->push(std::move(item), [&](Item out) { count_and_push(i + 1, std::move(out)); });
    } else {
      push(i + 1, through(i, std::move(item)));
    }
  }

  Item through(std::size_t i, Item item) {
    const At here(*this, places_[i].in);
    if (auto* map = std::get_if<std::unique_ptr<Map>>(&chain_[i]))
      return (*map)->apply(std::move(item));
    return wait(*std::get<std::unique_ptr<Wait>>(chain_[i]), std::move(item));
  }

  // The decoder's frames are admitted one by one: each is in progress until what became of it was
  // taken. A frame that only waits for its neighbours in time has not begun. At the end the encoder
  // works on what it took ahead: one is in progress until that is done.
  void count_and_push(std::size_t i, Item item) {
    const bool ends = std::holds_alternative<End>(item.what);
    if (i != 1 || (!item.picture() && !ends)) return push(i, std::move(item));
    if (ends) next_ = {.what = "end of input", .of = next_.of};
    const At nowhere(*this, nullptr);
    const InProgress frame(*this);
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
    const At here(*this, &written_);
    if (const Coded* coded = std::get_if<Coded>(&item.what)) session_.write(*coded);
  }

  Session& session_;
  const Runtime& runtime_;
  FrameName next_;  // of the frame that the decoder gives next
  Chain chain_;
  std::vector<NodePlaces> places_;
  FramePlace& written_;
  Ticket* ticket_ = nullptr;  // of the frame in progress
  FramePlace* at_ = nullptr;  // where it is
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
