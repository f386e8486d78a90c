// SPDX-License-Identifier: MIT
// The machine under the run: what it is, and what else it did meanwhile. From /proc and /sys; what
// a system does not report is 0 or empty.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace quadrant {

struct Machine {
  std::string cpu;       // "AMD EPYC 7B13"
  std::string governor;  // clock governor of the CPU: "performance"
  std::string kernel;    // "Linux 6.1.0"
  int cores = 1;         // of the hardware
  std::int64_t memory_bytes = 0;
};
Machine this_machine();

// Monotonic clocks of the whole machine, in ticks of 10 ms: differences over less than a second
// mean little.
struct MachineClocks {
  double wall_seconds = 0;
  double busy_seconds = 0;    // sum over all CPUs and all processes
  double stolen_seconds = 0;  // given to others by the hypervisor
  std::int64_t swapped_bytes = 0;
};
MachineClocks machine_clocks();

// The current clock of the fastest CPU, MHz: the clocks of idle CPUs say nothing about the work. 0:
// unknown.
double fastest_megahertz();

// How the run had to share the machine.
struct MachineUse {
  double other_cores = 0;   // kept busy by other processes, on average
  double stolen_cores = 0;  // on average
  std::int64_t swapped_bytes = 0;
  double megahertz = 0;  // fastest CPU, mean over the run; 0: unknown
};
// Between two readings; `ours`: CPU seconds of this run.
MachineUse use_between(const MachineClocks& before, const MachineClocks& after, double ours,
                       double megahertz);

// A counter of /proc/vmstat, for the whole machine since boot: "oom_kill", "pswpin" (pages).
std::int64_t kernel_count(std::string_view name);

bool is_optimized_build();

}  // namespace quadrant
