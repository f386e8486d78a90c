// SPDX-License-Identifier: MIT
#include "pipeline/execute/flow.h"

#include <algorithm>
#include <chrono>

#include "pipeline/execute/spread.h"
#include "pipeline/handover.h"

namespace quadrant {
namespace {

constexpr std::int64_t passing_limit = 16 * 1024 * 1024;  // bytes copied from reader to muxer
constexpr std::int64_t coded_limit = 16 * 1024 * 1024;    // bytes made and not yet written
constexpr std::chrono::milliseconds stop_check{100};

// Isolated: a thread that waits for the last slice of a frame must not pick up another frame, whose
// end would then hold up this one.
void over_cores(int count, const std::function<void(int)>& body) {
  spread(count, body, [](const auto& slices) { tbb::this_task_arena::isolate(slices); });
}

}  // namespace

Crew::Crew(const Runtime& runtime_, int encoder_threads)
    : runtime(runtime_),
      arena(runtime_.cores, 0),
      limit_(tbb::global_control::max_allowed_parallelism,
             static_cast<std::size_t>(runtime_.cores) + 1),
      thread_limit_(encoder_threads) {}

void Crew::count(const Passenger& passenger, int by) {
  threads_ += by * passenger.threads;
  bytes_ += by * passenger.bytes;
  aboard_ += by;
}

void Crew::board(const Passenger& passenger) {
  std::unique_lock lock(mutex_);
  left_.wait(lock, [&] {
    const bool fits =
        threads_ + passenger.threads <= thread_limit_ && bytes_ + passenger.bytes <= runtime.memory;
    return aboard_ == 0 || fits || runtime.stop.raised();
  });
  count(passenger, +1);
}

void Crew::board_at_once(const Passenger& passenger) {
  const std::lock_guard lock(mutex_);
  count(passenger, +1);
}

void Crew::leave(const Passenger& passenger) {
  {
    const std::lock_guard lock(mutex_);
    count(passenger, -1);
  }
  left_.notify_all();
}

std::int64_t Crew::share() const {
  const std::lock_guard lock(mutex_);
  return std::max<std::int64_t>(0, runtime.memory - bytes_) / std::max(1, aboard_);
}

Crew::Passenger Flow::passenger() const {
  const FrameBudget& budget = session_->plan().budget;
  return {session_->threads(), budget.least * budget.bytes_per_frame};
}

void Flow::run() noexcept {
  try {
    session_ = unit_->open();
    if (session_) {
      const Crew::Passenger ours = passenger();
      crew_.board(ours);
      guarded([this] {
        session_->open(unit_->part_path());
        make_chain();
      });
      work();
      crew_.leave(ours);
    }
  } catch (...) {
    fail_with(std::current_exception());
  }
  end();
}

void Flow::go_on(Begun begun) noexcept {
  session_ = std::move(begun.session);
  chain_ = std::move(begun.chain);
  *begun.admit = [this](const FrameName& name) { return admit(name); };
  const Crew::Passenger ours = passenger();
  crew_.board_at_once(ours);
  work();
  crew_.leave(ours);
  end();
}

void Flow::end() noexcept {
  session_.reset();
  unit_->done(failure_);
}

void Flow::work() {
  guarded([this] {
    build();
    pump();
    if (!failed_) session_->finish();
  });
  drain();
}

void Flow::make_chain() {
  // Frames keep the cores busy, so a frame's strips run one after another, warm in one cache.
  const Spread spread{one_after_another(),
                      crew_.runtime.cores == 1 ? one_after_another() : over_cores};
  chain_ = session_->chain(spread, [this](const FrameName& name) { return admit(name); });
}

void Flow::build() {
  places_ = places_of(chain_, crew_.runtime.meter);
  // A graph belongs to the arena it is made in.
  hand_over(this);
  crew_.arena.execute([this] {
    const Holding graph(this);
    graph_ = std::make_unique<tbb::flow::graph>();
    for (std::size_t i = 0; i < chain_.size(); ++i) {
      if (auto* lane = std::get_if<std::unique_ptr<Lane>>(&chain_[i]))
        tail_ = add_lane(**lane, i);
      else if (auto* map = std::get_if<std::unique_ptr<Map>>(&chain_[i]))
        tail_ = add_map(**map, i);
      else
        tail_ = add_wait(*std::get<std::unique_ptr<Wait>>(chain_[i]), i);
    }
  });
  take_over(this);
}

void Flow::pump() {
  bool reading = true;
  std::unique_lock lock(mutex_);
  while (!failed_ && !(ended_ && coded_.empty())) {
    if (crew_.runtime.stop.raised())
      fail(Fault::stopped, "{}: stopped", session_->plan().input.name);
    if (!coded_.empty()) {
      const Coded next = std::move(coded_.front());
      coded_.pop_front();
      coded_bytes_ -= next.packet.bytes();
      lock.unlock();
      session_->write(next);
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
      if (reading) session_->was_full(wall_seconds() - began);
    }
  }
}

// The frames of all inputs together fit the memory: each has its least, and a share of what is
// left.
bool Flow::may_read() const {
  const FrameBudget& budget = session_->plan().budget;
  const std::int64_t more = crew_.share() / std::max<std::int64_t>(1, budget.bytes_per_frame);
  const std::int64_t frames = std::min<std::int64_t>(budget.frames, budget.least + more);
  return undecoded_ + in_progress_ < frames && passing_bytes_ < passing_limit &&
         coded_bytes_ < coded_limit;
}

void Flow::feed(Packet packet) {
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
  hand_over(message.get());
  entry_->try_put(message);
}

// Here and below told under the lock: who waits may end all this once the lock is free.
void Flow::deliver(Item item) {
  const std::lock_guard lock(mutex_);
  if (Coded* coded = std::get_if<Coded>(&item.what)) {
    coded_bytes_ += coded->packet.bytes();
    coded_.push_back(std::move(*coded));
  } else if (std::holds_alternative<End>(item.what)) {
    ended_ = true;
  }
  changed_.notify_one();
}

std::shared_ptr<Ticket> Flow::admit(const FrameName& name) {
  {
    const std::lock_guard lock(mutex_);
    ++in_progress_;
  }
  return std::make_shared<Ticket>(crew_.runtime.meter, name, [this] {
    const std::lock_guard lock(mutex_);
    --in_progress_;
    changed_.notify_one();
  });
}

void Flow::fail_with(std::exception_ptr failure) {
  const std::lock_guard lock(mutex_);
  if (!failure_) failure_ = failure;
  failed_ = true;
  changed_.notify_all();
}

// After a failure the rest of the input flows through without work.
void Flow::guarded(const std::function<void()>& body) {
  if (failed_) return;
  try {
    body();
  } catch (...) {
    fail_with(std::current_exception());
  }
}

// Nothing of the graph may run on when the session goes.
void Flow::drain() {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ == 0; });
  }
  if (graph_) crew_.arena.execute([this] { graph_->wait_for_all(); });
  take_over(this);
  nodes_.clear();
  graph_.reset();
  chain_.clear();
  const std::lock_guard lock(mutex_);
  coded_.clear();
}

}  // namespace quadrant
