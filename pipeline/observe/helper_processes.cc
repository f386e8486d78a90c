// SPDX-License-Identifier: MIT
#include "pipeline/observe/helper_processes.h"

#include <time.h>

#include <algorithm>
#include <mutex>
#include <vector>

#include "pipeline/observe/threads.h"

namespace quadrant {
namespace {

// Never destroyed: processes may end after everything else.
struct Helpers {
  std::mutex mutex;
  std::vector<pid_t> processes;
  static Helpers& all() {
    static Helpers& helpers = *new Helpers;
    return helpers;
  }
};

}  // namespace

void add_helper(pid_t process) {
  const std::lock_guard lock(Helpers::all().mutex);
  Helpers::all().processes.push_back(process);
}

void forget_helper(pid_t process) noexcept {
  const std::lock_guard lock(Helpers::all().mutex);
  std::erase(Helpers::all().processes, process);
}

double helpers_cpu_seconds() {
  const std::lock_guard lock(Helpers::all().mutex);
  double seconds = 0;
  for (const pid_t process : Helpers::all().processes) seconds += cpu_seconds_of_process(process);
  return seconds;
}

double cpu_seconds_of_process(pid_t process) {
  clockid_t clock{};
  timespec now{};
  if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &now) != 0) return 0;
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

HelperTimer::HelperTimer(pid_t process)
    : process_(process), before_(cpu_seconds_of_process(process)) {}

HelperTimer::~HelperTimer() {
  ThreadRow::mine().add_helper_cpu(std::max(0.0, cpu_seconds_of_process(process_) - before_));
}

}  // namespace quadrant
