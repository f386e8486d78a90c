// SPDX-License-Identifier: MIT
// Begins threads where the system may have none left: a limit of the user (ulimit -u), of the
// container (pids.max), or of memory for another stack.
//
// A thread that a task needs begins with begin_thread(), whose Error ends that task. A worker among
// several is tried: with fewer workers the same is done, later. A library that ends the process if
// its thread cannot begin is asked for no more than threads_that_can_begin().
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "pipeline/error.h"

namespace quadrant {

// Literals, for where there may be no memory for a string.
#define QUADRANT_THREAD_LIMIT                                                                 \
  "the limit on processes and threads (ulimit -u, or the container's pids.max) or on memory " \
  "(ulimit -v) is reached; raise it or take fewer --cores"
constexpr const char* no_thread_left = "no further thread can begin: " QUADRANT_THREAD_LIMIT;

template <class Body>
std::optional<std::thread> try_thread(Body&& body) {
  try {
    return std::thread(std::forward<Body>(body));
  } catch (const std::system_error&) {
    return std::nullopt;
  }
}

// Throws Error(temporary).
template <class Body>
std::thread begin_thread(Body&& body) {
  std::optional<std::thread> thread = try_thread(std::forward<Body>(body));
  if (!thread) fail(Fault::temporary, "{}", no_thread_left);
  return std::move(*thread);
}

// How many threads, up to `wanted`, can live now in addition to those that do: begins that many,
// and ends them.
int threads_that_can_begin(int wanted);

// Remembers that there are threads for only `begun` of `wanted` cores, for those that tell the
// user; threads belong to the process, and so does this.
void note_fewer_workers(int begun, int wanted);
// "3 of 8 cores are used: ..."; empty if all are.
std::string fewer_workers();

}  // namespace quadrant
