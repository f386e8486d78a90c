// SPDX-License-Identifier: MIT
// One error type for the whole engine. The code that detects a fault writes the message (location,
// thing, value, remedy); other code adds context only where it knows more. Errors are caught once
// per input. Callers do not care where a fault arose but what to do next, so that is the only
// classification.
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace quadrant {

enum class Fault {
  usage,       // the command line or the configuration is wrong: nothing was touched, exit 2
  input,       // this input cannot be done; the other inputs go on, exit 1
  temporary,   // disk full, I/O error, out of memory: the same command may work later, exit 75
  locked,      // a live run is writing the same output, exit 5
  stopped,     // a signal asked us to stop: resumable, exit 130 or 143
  incomplete,  // a merge lacks units that other runs are to make, exit 3
  internal,    // our own mistake, exit 70
};

class Error : public std::runtime_error {
 public:
  Error(Fault fault, const std::string& what) : std::runtime_error(what), fault_(fault) {}
  Fault fault() const { return fault_; }

 private:
  Fault fault_;
};

// Messages are lower case, without a full stop: "blur: radius must be between 1 and 64, not 0".
template <class... Args>
[[noreturn]] void fail(Fault fault, fmt::format_string<Args...> format, Args&&... args) {
  throw Error(fault, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace quadrant
