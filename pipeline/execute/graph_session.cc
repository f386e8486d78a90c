// SPDX-License-Identifier: MIT
#include "pipeline/execute/graph_session.h"

#include <algorithm>
#include <chrono>

#include "pipeline/begin_thread.h"
#include "pipeline/execute/parallel_for.h"
#include "pipeline/execute/worker_threads.h"
#include "pipeline/free_memory.h"
#include "pipeline/plan/bounds.h"

namespace quadrant {
namespace {

constexpr std::int64_t passing_limit = 16 << 20;  // copied packets between reader and muxer
constexpr std::int64_t coded_limit = 16 << 20;    // encoded and not yet written
constexpr std::chrono::milliseconds stop_check{100};

// Isolated: a thread that waits for a frame's last slice must not pick up another frame, which
// would delay this one.
void over_cores(int count, const std::function<void(int)>& body) {
  parallel_for(count, body, [](const auto& slices) { tbb::this_task_arena::isolate(slices); });
}

}  // namespace

AdmissionControl::AdmissionControl(const Runtime& runtime_)
    : runtime(runtime_),
      arena(computing_threads(runtime_.cores), 0),
      limit_(tbb::global_control::max_allowed_parallelism,
             static_cast<std::size_t>(arena.max_concurrency()) + 1) {}

void AdmissionControl::count(std::int64_t bytes, int inputs) {
  const std::lock_guard lock(mutex_);
  bytes_ += bytes;
  inputs_ += inputs;
}

std::int64_t AdmissionControl::share() const {
  const std::lock_guard lock(mutex_);
  return std::max<std::int64_t>(0, runtime.memory - bytes_) / std::max(1, inputs_);
}

bool AdmissionControl::has_workers() {
  std::call_once(begun_, [this] { workers_ = begin_workers(arena); });
  return workers_ > 0;
}

void GraphSession::run(std::unique_ptr<Session> session, const UnitFile& file) {
  if (!admission_.has_workers()) fail(Fault::temporary, "{}", no_thread_left);
  session_ = std::move(session);
  session_->open(file);
  make_chain();
  work();
}

void GraphSession::go_on(Begun begun) {
  session_ = std::move(begun.session);
  chain_ = std::move(begun.chain);
  *begun.admit = [this](const FrameName& name, Work& maker) { return admit(name, maker); };
  work();
}

void GraphSession::work() {
  const FrameBudget& budget = session_->plan().budget;
  const std::int64_t codecs = session_->plan().resources.holds_all ? budget.codecs : 0;
  const AdmissionControl::Reservation ours(admission_,
                                           codecs + budget.least * budget.bytes_per_frame);
  guarded([this] {
    build();
    pump();
    if (!failed_ && !context_.is_group_execution_cancelled()) session_->finish();
  });
  drain();
  session_.reset();
  if (failure_) std::rethrow_exception(failure_);
}

void GraphSession::make_chain() {
  // Many frames keep the cores busy, so a frame's strips run one after another, warm in one cache.
  const TileLoops loops{one_after_another(),
                        admission_.runtime.cores == 1 ? one_after_another() : over_cores};
  chain_ = session_->chain(
      loops, [this](const FrameName& name, Work& maker) { return admit(name, maker); });
}

void GraphSession::build() {
  states_ = states_of(chain_, admission_.runtime.meter);
  // A graph belongs to the arena in which it is made.
  admission_.arena.execute([this] {
    graph_ = std::make_unique<tbb::flow::graph>(context_);
    for (std::size_t i = 0; i < chain_.size(); ++i) {
      if (auto* serial = std::get_if<std::unique_ptr<SerialNode>>(&chain_[i]))
        tail_ = add_serial(**serial, i);
      else if (auto* parallel = std::get_if<std::unique_ptr<ParallelNode>>(&chain_[i]))
        tail_ = add_parallel(**parallel, i);
      else
        tail_ = add_async(*std::get<std::unique_ptr<AsyncNode>>(chain_[i]), i);
    }
  });
}

void GraphSession::pump() {
  bool reading = true;
  std::unique_lock lock(mutex_);
  // An exception that a node's body did not catch (oneTBB's own lack of memory) cancels the graph;
  // drain() tells it.
  while (!failed_ && !context_.is_group_execution_cancelled() && !(ended_ && coded_.empty())) {
    if (admission_.runtime.stop.raised())
      fail(Fault::stopped, "{}: stopped", session_->plan().input.name);
    if (!coded_.empty()) {
      const Coded next = std::move(coded_.front());
      coded_.pop_front();
      coded_bytes_ -= next.packet.bytes();
      lock.unlock();
      session_->write(next);
      give_back_free_memory_at_times();
      lock.lock();
    } else if (reading && may_read()) {
      lock.unlock();
      Packet packet = session_->read();
      reading = static_cast<bool>(packet);
      feed(std::move(packet));
      lock.lock();
    } else {
      const double began = wall_seconds();
      changed_.wait_for(lock, stop_check);
      if (reading) session_->add_backpressure(wall_seconds() - began);
    }
  }
}

// The frames of all inputs fit the memory together: each input has its least, plus a share of the
// remaining memory.
std::int64_t GraphSession::frame_limit() const {
  const FrameBudget& budget = session_->plan().budget;
  const std::int64_t more = admission_.share() / std::max<std::int64_t>(1, budget.bytes_per_frame);
  return std::min<std::int64_t>(budget.frames, budget.least + more);
}

bool GraphSession::may_read() const {
  return undecoded_ + in_progress_ < frame_limit() && passing_bytes_ < passing_limit &&
         coded_bytes_ < coded_limit;
}

// May it begin another frame? If not, it is parked until one has left. Each node may always have
// enough in progress of its own to fill all windows behind it, so those go on, and none waits for
// another one's frames.
bool GraphSession::has_room(SerialWork& work) {
  const std::lock_guard lock(mutex_);
  if (failed_ || in_progress_ < frame_limit() || *work.node.begun < session_->plan().budget.least)
    return true;
  parked_.push_back(work.self);
  return false;
}

void GraphSession::feed(Packet packet) {
  {
    const std::lock_guard lock(mutex_);
    if (packet && packet.stream() == session_->plan().input.video)
      ++undecoded_;
    else if (packet)
      passing_bytes_ += packet.bytes();
  }
  auto message = std::make_shared<Item>();
  message->index = next_index_++;
  if (packet)
    message->what = std::move(packet);
  else
    message->what = End{};
  entry_->try_put(message);
}

// Here and below, notify under the lock: a woken thread may destroy the session once the lock is
// free.
void GraphSession::deliver(Item item) {
  const std::lock_guard lock(mutex_);
  if (Coded* coded = std::get_if<Coded>(&item.what)) {
    coded_bytes_ += coded->packet.bytes();
    coded_.push_back(std::move(*coded));
  } else if (std::holds_alternative<End>(item.what)) {
    ended_ = true;
  }
  changed_.notify_one();
}

std::shared_ptr<Ticket> GraphSession::admit(const FrameName& name, Work& maker) {
  {
    const std::lock_guard lock(mutex_);
    ++in_progress_;
    ++*maker.begun;
  }
  return std::make_shared<Ticket>(admission_.runtime.meter, name, [this, begun = maker.begun] {
    const std::lock_guard lock(mutex_);
    --in_progress_;
    --*begun;
    for (tbb::flow::receiver<Message>* node : std::exchange(parked_, {})) node->try_put(nullptr);
    changed_.notify_one();
  });
}

void GraphSession::fail_with(std::exception_ptr failure) {
  const std::lock_guard lock(mutex_);
  if (!failure_) failure_ = failure;
  failed_ = true;
  changed_.notify_all();
}

// After a failure the rest of the input passes without work.
void GraphSession::guarded(const std::function<void()>& body) {
  if (failed_) return;
  try {
    body();
  } catch (...) {
    fail_with(std::current_exception());
  }
}

// The graph must be idle before the session is destroyed.
void GraphSession::drain() {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ == 0; });
  }
  if (graph_) try {
      admission_.arena.execute([this] { graph_->wait_for_all(); });
    } catch (...) {
      fail_with(std::current_exception());
    }
  {
    const std::lock_guard lock(mutex_);
    parked_.clear();
  }
  serial_work_.clear();
  nodes_.clear();
  graph_.reset();
  chain_.clear();
  const std::lock_guard lock(mutex_);
  coded_.clear();
}

}  // namespace quadrant
