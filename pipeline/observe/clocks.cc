// SPDX-License-Identifier: MIT
#include "pipeline/observe/clocks.h"

#include <sys/resource.h>
#include <time.h>

#include "pipeline/observe/helper_processes.h"

namespace quadrant {
namespace {

double seconds_of(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double seconds_of(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
}

}  // namespace

double thread_cpu_seconds() { return seconds_of(CLOCK_THREAD_CPUTIME_ID); }

double own_cpu_seconds() { return seconds_of(CLOCK_PROCESS_CPUTIME_ID); }

double process_cpu_seconds() {
  rusage children{};
  getrusage(RUSAGE_CHILDREN, &children);
  return own_cpu_seconds() + helpers_cpu_seconds() + seconds_of(children.ru_utime) +
         seconds_of(children.ru_stime);
}

double wall_seconds() { return seconds_of(CLOCK_MONOTONIC); }

}  // namespace quadrant
