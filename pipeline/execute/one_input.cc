// SPDX-License-Identifier: MIT
#include "pipeline/execute/one_input.h"

#include <future>

namespace quadrant {
namespace {

Item wait(AsyncNode& node, Item item) {
  std::promise<Item> arrived;
  node.start(std::move(item), [&](Item out, std::exception_ptr failure) {
    failure ? arrived.set_exception(failure) : arrived.set_value(std::move(out));
  });
  return arrived.get_future().get();
}

Begun begin(std::unique_ptr<Session> session, const TileLoops& loops, Admit admit) {
  const auto ask = std::make_shared<Admit>(std::move(admit));
  Chain chain = session->chain(
      loops, [ask](const FrameName& name, Work& maker) { return (*ask)(name, maker); });
  return {std::move(session), std::move(chain), ask};
}

}  // namespace

// Keeps the frame in progress in `state` while this lives, then restores its former state: here a
// serial node ends only when all later nodes have ended. Null state: not started.
class OneInput::At {
 public:
  At(OneInput& input, FrameState* state) : input_(input), before_(input.at_) { move_to(state); }
  ~At() { move_to(before_); }
  At(const At&) = delete;
  At& operator=(const At&) = delete;

 private:
  void move_to(FrameState* state) {
    input_.at_ = state;
    if (input_.ticket_ && state) input_.ticket_->move_to(*state);
  }
  OneInput& input_;
  FrameState* before_;
};

struct OneInput::InProgress {
  explicit InProgress(OneInput& of) : input(of), ticket(of.runtime_.meter, of.next_, nullptr) {
    input.ticket_ = &ticket;
  }
  ~InProgress() { input.ticket_ = nullptr; }
  OneInput& input;
  Ticket ticket;
};

OneInput::OneInput(std::unique_ptr<Session> session, const TileLoops& loops, const Runtime& runtime)
    : runtime_(runtime),
      begun_(begin(std::move(session), loops,
                   [this](const FrameName& name, Work&) {
                     next_ = name;
                     return nullptr;
                   })),
      states_(states_of(begun_.chain, runtime.meter)),
      written_(runtime.meter.state(
          {static_cast<int>(begun_.chain.size()), FrameStateKind::storage, "write"})) {}

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

// Takes an item through node `i` and all later nodes, then returns.
void OneInput::push(std::size_t i, Item item) {
  if (i == begun_.chain.size()) return write(item);
  if (auto* serial = std::get_if<std::unique_ptr<SerialNode>>(&begun_.chain[i])) {
    const At here(*this, states_[i].in);
    const EmitItem emit = [&](Item out) { count_and_push(i + 1, std::move(out)); };
    (*serial)->push(std::move(item), emit);
    while ((*serial)->more(emit)) {
    }
  } else {
    push(i + 1, through(i, std::move(item)));
  }
}

Item OneInput::through(std::size_t i, Item item) {
  const At here(*this, states_[i].in);
  if (auto* parallel = std::get_if<std::unique_ptr<ParallelNode>>(&begun_.chain[i]))
    return (*parallel)->apply(std::move(item));
  return wait(*std::get<std::unique_ptr<AsyncNode>>(begun_.chain[i]), std::move(item));
}

// Admits decoded frames one by one: each is in progress until its results are written. A frame that
// only waits for its neighbours in time has not started. At the end the encoder still works on
// frames that it buffered; one ticket is in progress until that is done.
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

void run_one_frame_at_a_time(std::unique_ptr<Session> session, const TileLoops& loops,
                             const Runtime& runtime, const std::function<bool()>& goes_on) {
  OneInput input(std::move(session), loops, runtime);
  while (goes_on() && input.step()) {
  }
  input.finish();
}

}  // namespace quadrant
