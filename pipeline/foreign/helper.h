// SPDX-License-Identifier: MIT
// One running program that computes for a stage. It lives no longer than this object, nor than this
// process, however that ends; nor do the programs that it started and that stayed in its process
// group.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "pipeline/error.h"

namespace quadrant {

// An owned file descriptor.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() { reset(); }
  Descriptor(Descriptor&& other) noexcept : value_(other.value_) { other.value_ = -1; }
  Descriptor& operator=(Descriptor&& other) noexcept;
  int get() const { return value_; }
  void reset() noexcept;

 private:
  int value_ = -1;
};

// A pipe's ends, both close-on-exec. Throws Error(temporary).
struct Pipe {
  Pipe();
  Descriptor out, in;  // to read from, to write to
};

// Text in anonymous memory, to be read by a program from the beginning. Throws Error(temporary).
Descriptor text_file(std::string_view text);

// What ended a helper, for a message: "ended with code 3", "was killed by SIGKILL".
struct Death {
  Fault fault = Fault::input;  // temporary: for lack of memory
  std::string what;
};

class Helper {
 public:
  // `descriptors` become 0, 1, 2 ... of the program. Errors as those of spawn_helper().
  Helper(const std::vector<std::string>& words, const std::vector<int>& descriptors);
  ~Helper();  // kills what still runs
  Helper(const Helper&) = delete;
  Helper& operator=(const Helper&) = delete;

  pid_t pid() const { return pid_; }
  // How it ended; nothing if it has not after `seconds`. Call again for the same.
  std::optional<Death> death(double seconds);

 private:
  pid_t pid_ = -1;
  std::int64_t oom_kills_ = 0;
  std::optional<Death> death_;
};

// Seconds for which somebody waits, without the time in which we were stopped or starved: at most
// half a second counts between two calls of seconds().
class Patience {
 public:
  double seconds();

 private:
  double looked_ = -1, seconds_ = 0;
};
inline constexpr int look_interval_ms = 200;

}  // namespace quadrant
