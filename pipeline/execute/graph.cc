// SPDX-License-Identifier: MIT
#include "pipeline/execute/graph.h"

#include <list>
#include <thread>

#include "pipeline/execute/flow.h"
#include "pipeline/observe/threads.h"
#include "pipeline/plan/bounds.h"

namespace quadrant {
namespace {

class Graph final : public Executor {
 public:
  Graph(const Runtime& runtime, Mode mode)
      : runtime_(runtime),
        inputs_at_once_(units_at_once(mode, runtime.cores)),
        crew_(runtime_, encoder_thread_limit(runtime.cores, inputs_at_once_)) {}

  void run(Units& units) override {
    while (!runtime_.stop.raised()) {
      wait_for_room(inputs_at_once_);
      std::unique_ptr<Unit> unit = units.next();
      if (!unit) break;
      start(std::move(unit));
    }
    wait_for_room(1);
  }

 private:
  struct Running {
    std::thread thread;
    bool finished = false;
  };

  void start(std::unique_ptr<Unit> unit) {
    const std::lock_guard lock(mutex_);
    Running& running = running_.emplace_back();
    running.thread = std::thread([this, &running, unit = std::move(unit)]() mutable {
      call_this_thread("input");
      Flow(std::move(unit), crew_).run();
      {
        const std::lock_guard inner(mutex_);
        running.finished = true;
      }
      finished_.notify_one();
    });
  }

  // Returns when fewer than `most` inputs are running.
  void wait_for_room(int most) {
    std::unique_lock lock(mutex_);
    for (;;) {
      for (auto it = running_.begin(); it != running_.end();) {
        if (!it->finished) {
          ++it;
          continue;
        }
        it->thread.join();
        it = running_.erase(it);
      }
      if (static_cast<int>(running_.size()) < most) return;
      finished_.wait(lock);
    }
  }

  Runtime runtime_;
  int inputs_at_once_;
  Crew crew_;
  std::mutex mutex_;
  std::condition_variable finished_;
  std::list<Running> running_;
};

}  // namespace

std::unique_ptr<Executor> graph_executor(const Runtime& runtime, Mode mode) {
  return std::make_unique<Graph>(runtime, mode);
}

}  // namespace quadrant
