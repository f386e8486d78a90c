// SPDX-License-Identifier: MIT
// The clocks that a run is read by, in seconds.
#pragma once

#include <cstdint>

namespace quadrant {

double thread_cpu_seconds();   // CLOCK_THREAD_CPUTIME_ID
double process_cpu_seconds();  // user and system, with those of processes it made and waited for
double own_cpu_seconds();      // the same of this process alone
double wall_seconds();         // steady clock, from an arbitrary start

inline std::int64_t to_ns(double seconds) { return static_cast<std::int64_t>(seconds * 1e9); }

}  // namespace quadrant
