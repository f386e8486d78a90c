// SPDX-License-Identifier: MIT
// One budget for threads and memory. Every pool that Quadrant or its libraries make is sized here
// or from values computed here; no library asks the machine (oneTBB, OpenCV and libavcodec all
// count the host's cores and ignore a container's quota).
#pragma once

#include <cstdint>

namespace quadrant {

// The smallest of: cores this process may run on (sched_getaffinity), the CPU quota of its cgroup
// (v2 cpu.max, v1 cpu.cfs_quota_us, every level up to the root), the hardware.
int available_cores();
double cpu_quota_cores();  // of the cgroup; infinity without one
// A quarter of MemAvailable or of the cgroup's memory limit, whichever is less.
std::int64_t default_memory();

// How many of `cores` there can be threads for, by 3 N + 8 that are begun and ended here: oneTBB
// ends the process where it cannot begin one. Throws Error(temporary) if there are too few for one
// core.
int cores_with_threads(int cores);

}  // namespace quadrant
