// SPDX-License-Identifier: MIT
#include "pipeline/execute/cpu_limit.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/begin_thread.h"
#include "pipeline/observe/threads.h"

namespace quadrant {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds look_interval{250};  // 25 ticks of the kernel's clock
// A move pays if other processes use at least `crowded` of one of our CPUs, and a CPU elsewhere is
// idle for at least `idle_enough` of the time.
constexpr double crowded = 0.15, idle_enough = 0.6;

cpu_set_t set_of(const std::set<int>& cpus) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int cpu : cpus) CPU_SET(cpu, &set);
  return set;
}

// Names of a directory's entries that are numbers.
std::vector<pid_t> numbers_in(const fs::path& directory) {
  std::vector<pid_t> found;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    pid_t number = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), number).ec == std::errc())
      found.push_back(number);
  }
  return found;
}

// This process and its children (of isolated units, of stages), and theirs.
std::vector<pid_t> processes() {
  std::vector<pid_t> all = {getpid()};
  for (std::size_t i = 0; i < all.size(); ++i) {
    const fs::path tasks = fs::path("/proc") / std::to_string(all[i]) / "task";
    for (const pid_t thread : numbers_in(tasks)) {
      std::ifstream in(tasks / std::to_string(thread) / "children");
      for (pid_t child = 0; in >> child;) all.push_back(child);
    }
  }
  return all;
}

// A new thread inherits the CPUs of its maker; threads made during this call are set by the next.
void keep_on(const std::set<int>& cpus) {
  const cpu_set_t set = set_of(cpus);
  for (const pid_t process : processes())
    for (const pid_t thread : numbers_in("/proc/" + std::to_string(process) + "/task"))
      sched_setaffinity(thread, sizeof set, &set);
}

double cpu_seconds_of(pid_t process) {
  std::ifstream in("/proc/" + std::to_string(process) + "/stat");
  std::string text((std::istreambuf_iterator<char>(in)), {});
  std::istringstream fields(text.substr(std::min(text.size(), text.rfind(')') + 1)));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

struct Look {
  std::map<pid_t, double> ours;  // CPU seconds
  std::map<int, double> busy, idle;
};

Look look() {
  Look now;
  for (const pid_t process : processes()) now.ours[process] = cpu_seconds_of(process);
  const auto tick = static_cast<double>(sysconf(_SC_CLK_TCK));
  std::ifstream in("/proc/stat");
  for (std::string line; std::getline(in, line);) {
    int cpu = 0;
    const char* const digits = line.data() + 3;
    if (!line.starts_with("cpu") ||
        std::from_chars(digits, line.data() + line.size(), cpu).ec != std::errc())
      continue;
    std::istringstream fields(line.substr(line.find(' ')));
    double user = 0, nice = 0, system = 0, idle = 0, waiting = 0, irq = 0, soft = 0;
    fields >> user >> nice >> system >> idle >> waiting >> irq >> soft;
    now.busy[cpu] = (user + nice + system + irq + soft) / tick;
    now.idle[cpu] = (idle + waiting) / tick;
  }
  return now;
}

double ours_between(const Look& before, const Look& after) {
  double seconds = 0;
  for (const auto& [process, now] : after.ours) {
    const auto then = before.ours.find(process);
    seconds += now - (then == before.ours.end() ? 0 : then->second);
  }
  return seconds;
}

}  // namespace

std::set<int> allowed_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::set<int> cpus;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &set)) cpus.insert(cpu);
  return cpus;
}

CpuLimit::CpuLimit(int cores) : allowed_(allowed_cpus()) {
  if (cores >= static_cast<int>(allowed_.size())) return;
  // Starts at the CPU that the kernel chose for us: otherwise all processes would pick the first.
  auto next = allowed_.lower_bound(std::max(0, sched_getcpu()));
  while (static_cast<int>(used_.size()) < cores) {
    if (next == allowed_.end()) next = allowed_.begin();
    used_.insert(*next++);
  }
  keep_on(used_);
  is_limiting_ = true;
  // Without the thread, the process stays on these CPUs.
  if (auto watcher = try_thread([this] {
        call_this_thread("cpu limit");
        watch();
      }))
    watcher_ = std::move(*watcher);
}

CpuLimit::~CpuLimit() {
  if (!is_limiting_) return;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  wake_.notify_one();
  if (watcher_.joinable()) watcher_.join();
  keep_on(allowed_);
}

// Two processes on one CPU would otherwise both leave it for the same one: so each moves or stays
// at random.
void CpuLimit::watch() {
  std::minstd_rand random{std::random_device{}()};
  Look before = look();
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, look_interval, [&] { return ended_; })) {
    const Look now = look();
    double busy = 0, seconds = 0;
    for (const int cpu : used_) {
      busy += now.busy.at(cpu) - before.busy.at(cpu);
      seconds = std::max(
          seconds, now.busy.at(cpu) + now.idle.at(cpu) - before.busy.at(cpu) - before.idle.at(cpu));
    }
    const double others = busy - ours_between(before, now);
    std::optional<int> idlest;
    const auto idle = [&](int cpu) { return now.idle.at(cpu) - before.idle.at(cpu); };
    for (const int cpu : allowed_)
      if (!used_.contains(cpu) && (!idlest || idle(cpu) > idle(*idlest))) idlest = cpu;
    const bool pays = others > crowded * seconds && idlest && idle(*idlest) > idle_enough * seconds;
    if (pays && random() % 2 == 0)
      move(*std::next(used_.begin(), static_cast<std::ptrdiff_t>(random() % used_.size())),
           *idlest);
    else
      keep_on(used_);  // includes threads made during the last move
    before = now;
  }
}

void CpuLimit::move(int from, int to) {
  used_.erase(from);
  used_.insert(to);
  keep_on(used_);
}

}  // namespace quadrant
