// SPDX-License-Identifier: MIT
// Which failures are worth a retry, and how long to wait before it. By default there are no
// retries: on a cluster the batch system retries elsewhere, and two layers of retries multiply.
#pragma once

#include <exception>
#include <optional>
#include <string>

#include "pipeline/error.h"

namespace quadrant {

// A unit that did not end by itself: its process crashed, or it stalled. The message tells how to
// reproduce it.
class UnitDied : public Error {
 public:
  using Error::Error;
};

// "out of memory", or that no thread can begin; null for any other failure. Takes no memory.
const char* lack_in(std::exception_ptr failure) noexcept;

// True for a full disk, I/O errors, broken connections, lack of memory, crashes and stalls. A file
// that is not a video never becomes one.
bool may_pass(std::exception_ptr failure) noexcept;
std::optional<Fault> fault_of_death(std::exception_ptr failure) noexcept;  // if it is UnitDied
Fault fault_of(std::exception_ptr failure) noexcept;
std::string what_of(std::exception_ptr failure) noexcept;
// Pause after `tries` failures: none after a crash; otherwise it doubles each time.
double pause_seconds(std::exception_ptr failure, int tries) noexcept;

}  // namespace quadrant
