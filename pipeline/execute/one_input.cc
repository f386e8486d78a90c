// SPDX-License-Identifier: MIT
#include "pipeline/execute/one_input.h"

#include <future>

namespace quadrant {
namespace {

Item wait(Wait& node, Item item) {
  std::promise<Item> arrived;
  node.start(std::move(item), [&](Item out, std::exception_ptr failure) {
    failure ? arrived.set_exception(failure) : arrived.set_value(std::move(out));
  });
  return arrived.get_future().get();
}

Begun begin(std::unique_ptr<Session> session, const Spread& spread, Admit admit) {
  const auto ask = std::make_shared<Admit>(std::move(admit));
  Chain chain = session->chain(spread, [ask](const FrameName& name) { return (*ask)(name); });
  return {std::move(session), std::move(chain), ask};
}

}  // namespace

// The frame in progress is at `place` for as long as this lives, then where it was before: here
// a lane ends only when all that follow have ended. No place: it has not begun.
class OneInput::At {
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

struct OneInput::InProgress {
  explicit InProgress(OneInput& of) : input(of), ticket(of.runtime_.meter, of.next_, nullptr) {
    input.ticket_ = &ticket;
  }
  ~InProgress() { input.ticket_ = nullptr; }
  OneInput& input;
  Ticket ticket;
};

OneInput::OneInput(std::unique_ptr<Session> session, const Spread& spread, const Runtime& runtime)
    : runtime_(runtime),
      begun_(begin(std::move(session), spread,
                   [this](const FrameName& name) {
                     next_ = name;
                     return nullptr;
                   })),
      places_(places_of(begun_.chain, runtime.meter)),
      written_(runtime.meter.place(
          {static_cast<int>(begun_.chain.size()), PlaceKind::storage, "write"})) {}

bool OneInput::step() {
  Packet packet = begun_.session->read();
  if (!packet) return false;
  if (runtime_.stop.raised())
    fail(Fault::stopped, "{}: stopped", begun_.session->plan().input.name);
  push(0, Item{0, std::move(packet)});
  return true;
}

void OneInput::finish() {
  push(0, Item{0, End{}});
  begun_.session->finish();
}

Begun OneInput::give_away() { return std::move(begun_); }

// Takes an item through node `i` and all that follow, then returns.
void OneInput::push(std::size_t i, Item item) {
  if (i == begun_.chain.size()) return write(item);
  if (auto* lane = std::get_if<std::unique_ptr<Lane>>(&begun_.chain[i])) {
    const At here(*this, places_[i].in);
    (*lane)->push(std::move(item), [&](Item out) { count_and_push(i + 1, std::move(out)); });
  } else {
    push(i + 1, through(i, std::move(item)));
  }
}

Item OneInput::through(std::size_t i, Item item) {
  const At here(*this, places_[i].in);
  if (auto* map = std::get_if<std::unique_ptr<Map>>(&begun_.chain[i]))
    return (*map)->apply(std::move(item));
  return wait(*std::get<std::unique_ptr<Wait>>(begun_.chain[i]), std::move(item));
}

// The decoder's frames are admitted one by one: each is in progress until what became of it was
// taken. A frame that only waits for its neighbours in time has not begun. At the end the encoder
// works on what it took ahead: one is in progress until that is done.
void OneInput::count_and_push(std::size_t i, Item item) {
  const bool ends = std::holds_alternative<End>(item.what);
  if (i != 1 || (!item.picture() && !ends)) return push(i, std::move(item));
  if (ends) next_ = {.what = "end of input", .of = next_.of};
  const At nowhere(*this, nullptr);
  const InProgress frame(*this);
  push(i, std::move(item));
}

void OneInput::write(const Item& item) {
  const At here(*this, &written_);
  if (const Coded* coded = std::get_if<Coded>(&item.what)) begun_.session->write(*coded);
}

void run_one_frame_at_a_time(std::unique_ptr<Session> session, const Spread& spread,
                             const Runtime& runtime, const std::function<bool()>& goes_on) {
  OneInput input(std::move(session), spread, runtime);
  while (goes_on() && input.step()) {
  }
  input.finish();
}

}  // namespace quadrant
