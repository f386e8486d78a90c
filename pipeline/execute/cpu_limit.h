// SPDX-License-Identifier: MIT
// Implements --cores N where the process may run on more CPUs: it and its children execute on at
// most N CPUs at once. The kernel enforces it, so a library's own pool obeys it too.
//
// The CPUs are not fixed. When other processes compute on one of them while a CPU elsewhere is
// idle, the process moves there: two jobs of one core each, on two CPUs, use both, wherever they
// started.
#pragma once

#include <sched.h>

#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

namespace quadrant {

class CpuLimit {
 public:
  explicit CpuLimit(int cores);
  ~CpuLimit();  // restores the CPUs that all threads were allowed before
  CpuLimit(const CpuLimit&) = delete;
  CpuLimit& operator=(const CpuLimit&) = delete;

 private:
  void watch();
  void move(int from, int to);

  std::set<int> allowed_, used_;  // CPUs; the watcher changes `used_`
  bool is_limiting_ = false;      // set before the watcher begins
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ended_ = false;
  std::thread watcher_;
};

// CPUs that the calling thread may run on.
std::set<int> allowed_cpus();

}  // namespace quadrant
