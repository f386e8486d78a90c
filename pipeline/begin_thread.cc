// SPDX-License-Identifier: MIT
#include "pipeline/begin_thread.h"

#include <algorithm>
#include <condition_variable>
#include <vector>

namespace quadrant {
namespace {

struct FewerWorkers {
  std::mutex mutex;
  int begun = 0, wanted = 0;
};

// Never destroyed: threads may end after everything else.
FewerWorkers& noted() {
  static FewerWorkers& all = *new FewerWorkers;
  return all;
}

}  // namespace

int threads_that_can_begin(int wanted) {
  std::mutex mutex;
  std::condition_variable changed;
  bool ended = false;
  std::vector<std::thread> threads;
  threads.reserve(static_cast<std::size_t>(std::max(0, wanted)));
  while (static_cast<int>(threads.size()) < wanted) {
    auto thread = try_thread([&] {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return ended; });
    });
    if (!thread) break;
    threads.push_back(std::move(*thread));
  }
  {
    const std::lock_guard lock(mutex);
    ended = true;
  }
  changed.notify_all();
  for (std::thread& thread : threads) thread.join();
  return static_cast<int>(threads.size());
}

void note_fewer_workers(int begun, int wanted) {
  FewerWorkers& all = noted();
  const std::lock_guard lock(all.mutex);
  if (all.wanted > 0 && all.begun <= begun) return;
  all.begun = begun;
  all.wanted = wanted;
}

std::string fewer_workers() {
  FewerWorkers& all = noted();
  const std::lock_guard lock(all.mutex);
  if (all.wanted == 0) return "";
  return fmt::format("{} of {} cores are used: " QUADRANT_THREAD_LIMIT, all.begun, all.wanted);
}

}  // namespace quadrant
