// SPDX-License-Identifier: MIT
// The oneTBB nodes of a graph session. A serial node becomes a sequencer and a serial function
// node, a parallel node has unlimited concurrency, an async node holds no thread. Later nodes have
// higher priority: nearly finished frames leave first, which frees memory and feeds the encoder,
// the slowest serial node.
#include <algorithm>

#include "pipeline/execute/graph_session.h"

namespace quadrant {
namespace {

using Message = std::shared_ptr<Item>;
using Sequencer = tbb::flow::sequencer_node<Message>;
using TbbSerial = tbb::flow::multifunction_node<Message, std::tuple<Message>>;
using TbbParallel = tbb::flow::function_node<Message, Message>;
using TbbAsync = tbb::flow::async_node<Message, Message>;

}  // namespace

template <class N, class... Args>
N& GraphSession::add_node(Args&&... args) {
  auto node = std::make_unique<N>(*graph_, std::forward<Args>(args)...);
  N& reference = *node;
  nodes_.push_back(std::move(node));
  return reference;
}

void GraphSession::push_next(SerialWork& work, const EmitItem& emit) {
  const Message m = std::move(work.waiting.front());
  work.waiting.pop_front();
  work.ready = std::max(work.ready, m->put_down);
  take_up(*m, states_[work.number], work.ready);
  const Packet* packet = std::get_if<Packet>(&m->what);
  const bool is_video = packet && packet->stream() == session_->plan().input.video;
  const bool decodes = work.number == 0 && is_video;
  const bool is_last = work.number + 1 == chain_.size();
  const std::int64_t passes = is_last && packet ? packet->bytes() : 0;
  guarded([&] {
    work.node.push(std::move(*m), emit);
    work.has_more = work.node.makes_many;
  });
  m->what = End{};  // frees what a failure left; oneTBB may keep the message longer
  if (!decodes && passes == 0) return;
  const std::lock_guard lock(mutex_);
  undecoded_ -= decodes;
  passing_bytes_ -= passes;
  changed_.notify_one();
}

// False: nothing is left to do, or there is no room for more frames.
bool GraphSession::go_on(SerialWork& work, const Send& send) {
  const EmitItem emit = [&](Item item) {
    if (work.number + 1 == chain_.size()) return deliver(std::move(item));
    item.index = work.next_index++;
    put_down(item, states_[work.number + 1]);
    send(std::make_shared<Item>(std::move(item)));
  };
  if (!work.has_more) {
    if (work.waiting.empty()) return false;
    push_next(work, emit);
    return true;
  }
  if (!has_room(work)) return false;
  work.has_more = false;  // if it fails
  guarded([&] { work.has_more = work.node.more(emit); });
  return true;
}

tbb::flow::sender<Message>* GraphSession::add_serial(SerialNode& serial, std::size_t i) {
  auto& sequencer = add_node<Sequencer>([](const Message& m) { return m->index; });
  SerialWork& work = serial_work_.emplace_back(SerialWork{serial, i});
  const auto body = [this, &work](const Message& m, TbbSerial::output_ports_type& out) {
    if (m) work.waiting.push_back(m);  // else there may be room again
    const Send send = [&out](const Message& made) { std::get<0>(out).try_put(made); };
    while (go_on(work, send)) {
    }
  };
  auto& node =
      add_node<TbbSerial>(tbb::flow::serial, body, tbb::flow::node_priority_t(nodes_.size()));
  work.self = &node;
  if (i == 0)
    entry_ = &sequencer;
  else
    tbb::flow::make_edge(*tail_, sequencer);
  tbb::flow::make_edge(sequencer, node);
  return &tbb::flow::output_port<0>(node);
}

tbb::flow::sender<Message>* GraphSession::add_parallel(ParallelNode& parallel, std::size_t i) {
  const auto body = [this, &parallel, i](const Message& m) {
    take_up(*m, states_[i]);
    guarded([&] { *m = parallel.apply(std::move(*m)); });
    put_down(*m, states_[i + 1]);
    return m;
  };
  auto& node =
      add_node<TbbParallel>(tbb::flow::unlimited, body, tbb::flow::node_priority_t(nodes_.size()));
  tbb::flow::make_edge(*tail_, node);
  return &node;
}

tbb::flow::sender<Message>* GraphSession::add_async(AsyncNode& async, std::size_t i) {
  const auto body = [this, &async, i](const Message& m, TbbAsync::gateway_type& gateway) {
    if (failed_) return;
    gateway.reserve_wait();
    {
      const std::lock_guard lock(mutex_);
      ++waiting_;
    }
    take_up(*m, states_[i]);
    const std::uint64_t index = m->index;
    const auto arrived = [this, index, i, &gateway](Item item, std::exception_ptr failure) {
      item.index = index;
      if (failure) fail_with(failure);
      put_down(item, states_[i + 1]);
      try {  // ends the item, and so its frame's ticket, before the count below
        const auto made = std::make_shared<Item>(std::move(item));
        gateway.try_put(made);
      } catch (...) {
        fail_with(std::current_exception());
      }
      gateway.release_wait();
      // Under the lock: once waiting_ is 0, drain() may continue and destroy the graph.
      const std::lock_guard lock(mutex_);
      --waiting_;
      changed_.notify_all();
    };
    try {
      async.start(std::move(*m), arrived);
    } catch (...) {
      arrived(Item{}, std::current_exception());
    }
  };
  auto& node =
      add_node<TbbAsync>(tbb::flow::unlimited, body, tbb::flow::node_priority_t(nodes_.size()));
  tbb::flow::make_edge(*tail_, node);
  return &tbb::flow::output_port<0>(node);
}

}  // namespace quadrant
