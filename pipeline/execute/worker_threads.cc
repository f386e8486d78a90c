// SPDX-License-Identifier: MIT
#include "pipeline/execute/worker_threads.h"

#include <chrono>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>

namespace quadrant {
namespace {

// Until the first is there, and from then on for the others: another arena may have them.
constexpr std::chrono::seconds time_for_one{5};
constexpr std::chrono::milliseconds time_for_others{100};

struct Gathering {
  std::mutex mutex;
  std::condition_variable changed;
  int there = 0;
  bool is_over = false;

  void arrive() {
    std::unique_lock lock(mutex);
    ++there;
    changed.notify_all();
    changed.wait(lock, [&] { return is_over; });
  }
};

}  // namespace

// Has a task for each worker, that holds it until all are there.
int begin_workers(tbb::task_arena& arena) {
  const int wanted = arena.max_concurrency();
  const auto all = std::make_shared<Gathering>();
  try {
    for (int i = 0; i < wanted; ++i) arena.enqueue([all] { all->arrive(); });
  } catch (const std::exception&) {  // those that began before it are there
  }
  std::unique_lock lock(all->mutex);
  all->changed.wait_for(lock, time_for_one, [&] { return all->there > 0; });
  if (all->there > 0)
    all->changed.wait_for(lock, time_for_others, [&] { return all->there == wanted; });
  all->is_over = true;
  all->changed.notify_all();
  return all->there;
}

}  // namespace quadrant
