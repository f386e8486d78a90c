// SPDX-License-Identifier: MIT
// The machine beside the run: what it is, and what else it did meanwhile. From /proc and /sys; what
// a system does not tell is 0 or empty.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace quadrant {

struct Machine {
  std::string cpu;       // "AMD EPYC 7B13"
  std::string governor;  // of the CPU's clock: "performance"
  std::string kernel;    // "Linux 6.1.0"
  int cores = 1;         // of the hardware
  std::int64_t memory_bytes = 0;
};
Machine this_machine();

// Clocks that only go up, of the whole machine. Ticks of 10 ms, so a difference over less than a
// second says little.
struct MachineClocks {
  double wall_seconds = 0;
  double busy_seconds = 0;    // of all CPUs together, with all that runs in them
  double stolen_seconds = 0;  // a hypervisor gave to somebody else
  std::int64_t swapped_bytes = 0;
};
MachineClocks machine_clocks();

// The clock of the fastest CPU at this moment, MHz: an idle one's says nothing of the work. 0:
// unknown.
double fastest_megahertz();

// What a run had to share the machine with.
struct MachineUse {
  double other_cores = 0;   // kept busy by others, on average
  double stolen_cores = 0;  // on average
  std::int64_t swapped_bytes = 0;
  double megahertz = 0;  // fastest CPU, mean over the run; 0: unknown
};
// Between two readings; `ours`: CPU seconds that are no other's.
MachineUse use_between(const MachineClocks& before, const MachineClocks& after, double ours,
                       double megahertz);

// A counter of /proc/vmstat, of the whole machine since it started: "oom_kill", "pswpin" (pages).
std::int64_t kernel_count(std::string_view name);

bool is_optimized_build();

}  // namespace quadrant
