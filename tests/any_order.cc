// SPDX-License-Identifier: MIT
#include "tests/any_order.h"

#include <algorithm>
#include <future>
#include <map>
#include <random>

namespace quadrant {
namespace {

class AnyOrder {
 public:
  AnyOrder(Session& session, std::uint64_t seed)
      : session_(session),
        random_(seed),
        chain_(session.chain({one_after_another(), one_after_another()},
                             [](const FrameName&, Work&) { return nullptr; })),
        waiting_(chain_.size()),
        next_taken_(chain_.size(), 0),
        next_given_(chain_.size(), 0),
        has_more_(chain_.size(), false) {}

  void run() {
    while (!ended_) {
      const std::vector<std::size_t> ready = ready_nodes();
      // One choice more than there are ready nodes while there is something to read.
      const std::size_t choices = ready.size() + (reading_ ? 1 : 0);
      const std::size_t choice = random_() % choices;
      choice == ready.size() ? read() : step(ready[choice]);
    }
    session_.finish();
  }

 private:
  bool is_lane(std::size_t i) const {
    return std::holds_alternative<std::unique_ptr<SerialNode>>(chain_[i]);
  }

  std::vector<std::size_t> ready_nodes() const {
    std::vector<std::size_t> ready;
    for (std::size_t i = 0; i < chain_.size(); ++i)
      if (has_more_[i] ||
          (is_lane(i) ? waiting_[i].contains(next_taken_[i]) : !waiting_[i].empty()))
        ready.push_back(i);
    return ready;
  }

  void read() {
    Packet packet = session_.read();
    Item item{read_++, End{}};
    reading_ = static_cast<bool>(packet);
    if (packet) item.what = std::move(packet);
    give(0, std::move(item));
  }

  void give(std::size_t i, Item item) {
    if (i < chain_.size()) {
      const std::uint64_t index = item.index;
      waiting_[i].emplace(index, std::move(item));
    } else if (const Coded* coded = std::get_if<Coded>(&item.what)) {
      session_.write(*coded);
    } else {
      ended_ = true;
    }
  }

  EmitItem to_next(std::size_t i) {
    return [this, i](Item out) {
      out.index = next_given_[i]++;
      give(i + 1, std::move(out));
    };
  }

  void step(std::size_t i) {
    if (has_more_[i]) {
      has_more_[i] = std::get<std::unique_ptr<SerialNode>>(chain_[i])->more(to_next(i));
      return;
    }
    auto& pool = waiting_[i];
    const auto chosen =
        is_lane(i) ? pool.find(next_taken_[i]++)
                   : std::next(pool.begin(), static_cast<std::ptrdiff_t>(random_() % pool.size()));
    Item item = std::move(chosen->second);
    pool.erase(chosen);
    if (auto* serial = std::get_if<std::unique_ptr<SerialNode>>(&chain_[i])) {
      (*serial)->push(std::move(item), to_next(i));
      has_more_[i] = (*serial)->makes_many;
    } else if (auto* parallel = std::get_if<std::unique_ptr<ParallelNode>>(&chain_[i])) {
      give(i + 1, (*parallel)->apply(std::move(item)));
    } else {
      std::promise<Item> arrived;
      std::get<std::unique_ptr<AsyncNode>>(chain_[i])->start(
          std::move(item),
          [&](Item out, std::exception_ptr) { arrived.set_value(std::move(out)); });
      give(i + 1, arrived.get_future().get());
    }
  }

  Session& session_;
  std::mt19937_64 random_;
  Chain chain_;
  std::vector<std::map<std::uint64_t, Item>> waiting_;  // by node, then index
  std::vector<std::uint64_t> next_taken_, next_given_;
  std::vector<bool> has_more_;  // of the item that the node took last
  std::uint64_t read_ = 0;
  bool reading_ = true, ended_ = false;
};

}  // namespace

void run_in_any_order(Session& session, const std::string& path, std::uint64_t seed) {
  session.open({.path = path});
  AnyOrder(session, seed).run();
}

}  // namespace quadrant
