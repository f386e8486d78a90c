// SPDX-License-Identifier: MIT
// Which failures are worth another try, and how long to wait for it. By default there is none: a
// batch on a cluster has somebody above it who tries again elsewhere, and two who do so multiply.
#pragma once

#include <exception>
#include <optional>
#include <string>

#include "pipeline/error.h"

namespace quadrant {

// A unit that did not end by itself: its process crashed, or it stood still. What reproduces it is
// worth telling.
class UnitDied : public Error {
 public:
  using Error::Error;
};

// Disk full, I/O errors, broken connections, no memory, crashes and standstills may pass. A file
// that is no video stays so.
bool may_pass(std::exception_ptr failure) noexcept;
std::optional<Fault> fault_of_death(std::exception_ptr failure) noexcept;  // if it is UnitDied
Fault fault_of(std::exception_ptr failure) noexcept;
std::string what_of(std::exception_ptr failure) noexcept;
// Before the try after `tries`: nothing after a crash, longer and longer after what takes its time.
double pause_seconds(std::exception_ptr failure, int tries) noexcept;

}  // namespace quadrant
