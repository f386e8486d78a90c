// SPDX-License-Identifier: MIT
// Child processes that compute for a stage (pipeline/foreign): their CPU time counts as this
// process's own while they live, and as that of the thread that waits for them.
#pragma once

#include <sys/types.h>

namespace quadrant {

void add_helper(pid_t process);
// Call it just before the process is waited for: the kernel then counts it among the children.
void forget_helper(pid_t process) noexcept;
double helpers_cpu_seconds();  // of all that live

// User and system seconds of all threads of another process; 0 if it is gone.
double cpu_seconds_of_process(pid_t process);

// Counts what a helper executed since this was made as executed by the calling thread.
class HelperTimer {
 public:
  explicit HelperTimer(pid_t process);
  ~HelperTimer();
  HelperTimer(const HelperTimer&) = delete;
  HelperTimer& operator=(const HelperTimer&) = delete;

 private:
  pid_t process_;
  double before_;
};

}  // namespace quadrant
