// SPDX-License-Identifier: MIT
// wait: returns every frame unchanged after a delay. It stands for any stage that asks another
// service (a model server, a database) and shows what waiting costs in each mode: N frames that
// wait together take as long as one.
//
// One thread per stage object, started with the first frame, holds the deadlines in a heap and
// calls back; a thread per frame would itself be the cost. When the stage is destroyed, frames that
// still wait are returned with an Error(stopped): every frame is answered exactly once.
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <queue>
#include <thread>
#include <vector>

#include "stages/samples.h"

namespace quadrant {
namespace {

using Clock = std::chrono::steady_clock;

class Timer {
 public:
  Timer() : thread_([this] { run(); }) {}
  ~Timer() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }

  void add(Clock::time_point due, Frame frame, Done done) {
    {
      const std::lock_guard lock(mutex_);
      waiting_.push({due, next_++, std::move(frame), std::move(done)});
    }
    changed_.notify_one();
  }

 private:
  struct Entry {
    Clock::time_point due;
    std::uint64_t number;  // among equal deadlines, first come, first served
    Frame frame;
    Done done;
    bool operator<(const Entry& other) const {  // the earliest deadline is on top of the heap
      return std::pair(due, number) > std::pair(other.due, other.number);
    }
  };

  Entry take() {
    Entry entry = waiting_.top();
    waiting_.pop();
    return entry;
  }

  void run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      if (waiting_.empty())
        changed_.wait(lock);
      else if (const Clock::time_point due = waiting_.top().due; due > Clock::now())
        changed_.wait_until(lock, due);
      else
        answer(lock, nullptr);
    }
    const auto stopped = std::make_exception_ptr(Error(Fault::stopped, "stopped while waiting"));
    while (!waiting_.empty()) answer(lock, stopped);
  }

  // Without the lock, since the callback may add the next frame.
  void answer(std::unique_lock<std::mutex>& lock, const std::exception_ptr& error) {
    Entry entry = take();
    lock.unlock();
    entry.done(error ? Frame() : std::move(entry.frame), error);
    entry = {};
    lock.lock();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::priority_queue<Entry> waiting_;
  std::uint64_t next_ = 0;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses all members above
};

class Wait final : public Stage {
 public:
  int ms = 40;

  Format configure(const Format& in) override { return in; }
  Processing processing() const override { return Processing::async; }

  void start(Frame in, Done done) const override {
    std::call_once(once_, [this] { timer_ = std::make_unique<Timer>(); });
    timer_->add(Clock::now() + std::chrono::milliseconds(ms), std::move(in), std::move(done));
  }

 private:
  mutable std::once_flag once_;
  mutable std::unique_ptr<Timer> timer_;
};

}  // namespace

StageInfo wait_stage() {
  return {.name = "wait",
          .summary = "Return each frame after a delay, as a remote call would",
          .kind = "waiting",
          .accepts = Accepts::anything,
          .params = {param("ms", &Wait::ms, "how long each frame waits")
                         .range(0, 60000)
                         .unit("ms")
                         .shorthand()},
          .make = make_stage<Wait>};
}

}  // namespace quadrant
