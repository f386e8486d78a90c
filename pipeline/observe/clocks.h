// SPDX-License-Identifier: MIT
// The clocks for measuring a run, in seconds.
#pragma once

#include <cstdint>

namespace quadrant {

double thread_cpu_seconds();   // CLOCK_THREAD_CPUTIME_ID
double process_cpu_seconds();  // user and system, with helpers and children that were waited for
double own_cpu_seconds();      // the same for this process alone
double wall_seconds();         // steady clock, from an arbitrary start

inline std::int64_t to_ns(double seconds) { return static_cast<std::int64_t>(seconds * 1e9); }

}  // namespace quadrant
