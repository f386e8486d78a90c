// SPDX-License-Identifier: MIT
#include "pipeline/observe/threads.h"

#include <fmt/format.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <set>
#include <system_error>

namespace quadrant {
namespace {

namespace fs = std::filesystem;

double now_of(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

struct Scheduled {
  double cpu = 0, delayed = 0;  // seconds
};

// A thread's times from the kernel's scheduler; nothing if the thread is gone or the kernel does
// not count.
std::optional<Scheduled> scheduled(int thread) {
  std::ifstream file(fmt::format("/proc/self/task/{}/schedstat", thread));
  double cpu = 0, delayed = 0;
  if (!(file >> cpu >> delayed)) return std::nullopt;
  return Scheduled{cpu * 1e-9, delayed * 1e-9};
}

std::string name_of_task(int thread) {
  std::ifstream file(fmt::format("/proc/self/task/{}/comm", thread));
  std::string name;
  std::getline(file, name);
  return name;
}

std::vector<int> tasks() {
  std::vector<int> all;
  std::error_code error;
  for (const fs::directory_entry& task : fs::directory_iterator("/proc/self/task", error))
    all.push_back(std::atoi(task.path().filename().c_str()));
  return all;
}

double delay_of(int thread) {
  const std::optional<Scheduled> now = scheduled(thread);
  return now ? now->delayed : 0;
}

}  // namespace

// All rows that ever existed; never destroyed, since threads may end after everything else.
class ThreadRows {
 public:
  static ThreadRows& all() {
    static ThreadRows& rows = *new ThreadRows;
    return rows;
  }

  ThreadRow& take(const std::string& role) {
    const std::lock_guard lock(mutex_);
    const auto free = std::ranges::find_if(
        rows_, [&](const ThreadRow& r) { return r.thread_ == 0 && r.role_ == role; });
    ThreadRow& row = free != rows_.end() ? *free : add(role);
    row.thread_ = gettid();
    pthread_getcpuclockid(pthread_self(), &row.clock_);
    row.cpu_before_ = thread_cpu_seconds();
    row.delay_before_ = delay_of(row.thread_);
    return row;
  }

  void give_back(ThreadRow& row) {
    const std::lock_guard lock(mutex_);
    row.cpu_ended_ += thread_cpu_seconds() - row.cpu_before_;
    row.delay_ended_ += std::max(0.0, delay_of(row.thread_) - row.delay_before_);
    ended_.insert(row.thread_);
    row.thread_ = 0;
  }

  // The ids in `alive` of threads that have or had a row: a thread exists for a moment after it
  // gave its row back.
  std::set<int> ours(const std::vector<int>& alive) {
    const std::lock_guard lock(mutex_);
    const std::set<int> now(alive.begin(), alive.end());
    std::erase_if(ended_, [&](int thread) { return !now.contains(thread); });
    std::set<int> all = ended_;
    for (const ThreadRow& row : rows_) all.insert(row.thread_);
    return all;
  }

  void each(const std::function<void(ThreadRow&)>& use) {
    const std::lock_guard lock(mutex_);
    for (ThreadRow& row : rows_) use(row);
  }

  // A thread that has a row is alive: it gives the row back under the lock.
  static ThreadReading read(const ThreadRow& row) {
    ThreadReading now{row.name(),
                      row.role_,
                      static_cast<double>(row.busy_ns_) * 1e-9,
                      static_cast<double>(row.busy_cpu_ns_) * 1e-9,
                      row.cpu_ended_,
                      row.delay_ended_,
                      static_cast<double>(row.helper_cpu_ns_) * 1e-9};
    now.cpu += now.helpers;
    if (row.thread_ == 0) return now;
    now.cpu += now_of(row.clock_) - row.cpu_before_;
    now.delayed += std::max(0.0, delay_of(row.thread_) - row.delay_before_);
    return now;
  }

 private:
  ThreadRow& add(const std::string& role) {
    const auto of_role = std::ranges::count(rows_, role, &ThreadRow::role_);
    return rows_.emplace_back(static_cast<int>(rows_.size()) + 1, role,
                              static_cast<int>(of_role) + 1);
  }

  std::mutex mutex_;
  std::deque<ThreadRow> rows_;
  std::set<int> ended_;
};

namespace {

struct Mine {
  ThreadRow* row = nullptr;
  ~Mine() { leave(); }
  void take(const std::string& role) {
    leave();
    row = &ThreadRows::all().take(role);
  }
  void leave() {
    if (row) ThreadRows::all().give_back(*row);
    row = nullptr;
  }
};
thread_local Mine mine;

}  // namespace

ThreadRow& ThreadRow::mine() {
  if (!quadrant::mine.row) quadrant::mine.take("worker");
  return *quadrant::mine.row;
}

std::string ThreadRow::name() const {
  return role_ == "main" ? role_ : fmt::format("{} {}", role_, of_role_);
}

void ThreadRow::leave(double wall, double cpu, bool waits) {
  if (waits) busy_ns_.fetch_sub(to_ns(wall - cpu), std::memory_order_relaxed);
  if (--depth_ > 0) return;
  busy_ns_.fetch_add(to_ns(wall), std::memory_order_relaxed);
  busy_cpu_ns_.fetch_add(to_ns(cpu), std::memory_order_relaxed);
}

double ThreadRow::cpu_seconds() const {
  return thread_cpu_seconds() + static_cast<double>(helper_cpu_ns_) * 1e-9;
}

void ThreadRow::add_helper_cpu(double seconds) {
  helper_cpu_ns_.fetch_add(to_ns(seconds), std::memory_order_relaxed);
}

void call_this_thread(const std::string& role) { mine.take(role); }

Span::Span(const std::string& name, const std::string& input) {
  Trace* trace = Trace::active();
  if (!trace) return;
  event_ = {.row = ThreadRow::mine().number(),
            .name = trace->kept(name),
            .of = trace->kept(input),
            .begin = wall_seconds()};
}

Span::~Span() {
  if (!event_.of || !Trace::active()) return;
  event_.end = wall_seconds();
  ThreadRow::mine().trace().add(event_);
}

void each_thread_row(const std::function<void(ThreadRow&)>& use) { ThreadRows::all().each(use); }

ThreadClocks::ThreadClocks() {
  each_thread_row([this](ThreadRow& row) { before_[row.name()] = ThreadRows::read(row); });
  look();
  tasks_before_ = tasks_;
}

void ThreadClocks::look() {
  const std::vector<int> alive = tasks();
  const std::set<int> ours = ThreadRows::all().ours(alive);
  std::map<int, Task> now;
  for (const int thread : alive) {
    if (ours.contains(thread)) continue;
    if (const std::optional<Scheduled> clocks = scheduled(thread))
      now[thread] = {name_of_task(thread), clocks->cpu, clocks->delayed};
  }
  for (const auto& [thread, task] : tasks_) {
    if (now.contains(thread) || ours.contains(thread)) continue;
    const Task& before = tasks_before_[thread];
    ThreadReading& ended = ended_[task.name];
    ended.cpu += task.cpu - before.cpu;
    ended.delayed += task.delayed - before.delayed;
    tasks_before_.erase(thread);
  }
  tasks_ = std::move(now);
}

std::vector<ThreadReading> ThreadClocks::readings() {
  look();
  std::vector<ThreadReading> all;
  each_thread_row([&](ThreadRow& row) {
    ThreadReading now = ThreadRows::read(row);
    const ThreadReading& before = before_[now.name];
    now.busy -= before.busy;
    now.busy_cpu -= before.busy_cpu;
    now.cpu -= before.cpu;
    now.helpers -= before.helpers;
    now.delayed -= before.delayed;
    all.push_back(std::move(now));
  });
  std::map<std::string, ThreadReading> libraries = ended_;
  for (const auto& [thread, task] : tasks_) {
    const auto before = tasks_before_.find(thread);
    ThreadReading& library = libraries[task.name];
    library.cpu += task.cpu - (before == tasks_before_.end() ? 0 : before->second.cpu);
    library.delayed += task.delayed - (before == tasks_before_.end() ? 0 : before->second.delayed);
  }
  for (auto& [name, library] : libraries) {
    library.name = name;
    all.push_back(library);
  }
  // The CPU time of threads that ended between two samples, and the last moments of others.
  double unseen = own_cpu_seconds() - cpu_before_;
  for (const ThreadReading& t : all) unseen -= t.cpu - t.helpers;
  if (unseen > 0) all.push_back({.name = "threads seen too late", .cpu = unseen});
  return all;
}

}  // namespace quadrant
