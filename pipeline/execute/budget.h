// SPDX-License-Identifier: MIT
// One budget for threads and memory. Every pool that Quadrant or a library of it makes is sized
// here or from here; nothing asks the machine by itself (oneTBB, OpenCV and libavcodec all count
// the host's cores and overlook a container's quota).
#pragma once

#include <cstdint>

namespace quadrant {

// The smallest of: cores this process may run on (sched_getaffinity), the CPU quota of its cgroup
// (v2 cpu.max, v1 cpu.cfs_quota_us, every level up to the root), the hardware.
int available_cores();
double cpu_quota_cores();  // of the cgroup; infinity if there is none
// A quarter of what is available: MemAvailable, or less under a cgroup's limit.
std::int64_t default_memory();

}  // namespace quadrant
