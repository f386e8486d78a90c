// SPDX-License-Identifier: MIT
// The threads of this process: for each, the wall time inside scoped timers (meter.h) and its CPU
// time.
//
// A thread is busy while a scoped timer runs in it; its CPU clock shows how much of that time it
// executed. Where the two differ, the thread was descheduled (busy, not executing), or it executed
// outside every timer: it was spinning, or it is a codec's own thread.
//
// A row is a name ("worker 2") and is used by one thread after another: a new thread takes the
// lowest free number of its role, so the number of rows is the peak number of threads. Rows belong
// to the process, as threads do.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/observe/clocks.h"
#include "pipeline/observe/trace.h"

namespace quadrant {

class ThreadRow {
 public:
  ThreadRow(int number, std::string role, int of_role)
      : number_(number), role_(std::move(role)), of_role_(of_role) {}

  static ThreadRow& mine();  // of the calling thread: a "worker" unless it was named

  int number() const { return number_; }  // among all rows
  const std::string& role() const { return role_; }
  std::string name() const;
  TraceBuffer& trace() { return trace_; }

  void enter() { ++depth_; }
  // In seconds; `waits`: the time not executing was spent waiting for storage, which is accounted
  // for.
  void leave(double wall, double cpu, bool waits);
  // Of the thread and of the helper processes that it waited for (helper_processes.h), in seconds.
  double cpu_seconds() const;
  void add_helper_cpu(double seconds);

 private:
  friend class ThreadRows;
  const int number_;
  const std::string role_;
  const int of_role_;
  int depth_ = 0;  // of nested timers; only the outermost counts
  std::atomic<std::int64_t> busy_ns_{0}, busy_cpu_ns_{0}, helper_cpu_ns_{0};
  TraceBuffer trace_;
  // Written under the rows' lock.
  int thread_ = 0;  // the kernel's thread id; 0: free row
  clockid_t clock_ = 0;
  double cpu_before_ = 0, delay_before_ = 0;  // of the thread, when it took the row
  double cpu_ended_ = 0, delay_ended_ = 0;    // of the row's earlier threads
};

// Names the calling thread's role, until it ends: "main", "input".
void call_this_thread(const std::string& role);
void each_thread_row(const std::function<void(ThreadRow&)>& use);

// A trace span of the calling thread during its own lifetime. Not a timer: the thread need not
// execute.
class Span {
 public:
  Span(const std::string& name, const std::string& input);
  ~Span();
  Span(const Span&) = delete;
  Span& operator=(const Span&) = delete;

 private:
  TraceEvent event_;
};

// Seconds.
struct ThreadReading {
  std::string name;
  std::string role;     // empty: a library's thread
  double busy = 0;      // wall time inside timers, except waiting for storage
  double busy_cpu = 0;  // of that, executing
  double cpu = 0;       // executing, inside timers or not
  double delayed = 0;   // runnable but not running, as far as the kernel reports it
  double helpers = 0;   // of `cpu`, in helper processes
};

// What the threads have done since it was made. Not thread-safe.
class ThreadClocks {
 public:
  ThreadClocks();
  // Samples the threads of libraries, which end unannounced: call about once a second.
  void look();
  // Our threads, then the libraries' by name; their CPU seconds sum to those of the process.
  std::vector<ThreadReading> readings();

 private:
  struct Task {
    std::string name;
    double cpu = 0, delayed = 0;
  };
  const double cpu_before_ = own_cpu_seconds();
  std::map<std::string, ThreadReading> before_;  // by name
  std::map<int, Task> tasks_before_, tasks_;     // of libraries, by thread id
  std::map<std::string, ThreadReading> ended_;   // of libraries, by name
};

}  // namespace quadrant
