// SPDX-License-Identifier: MIT
// An executor runs the inputs of a batch in one mode. All drive the same sessions and chains, so
// what is computed cannot depend on how.
#pragma once

#include <exception>
#include <memory>
#include <string>

#include "pipeline/execute/session.h"
#include "pipeline/media/stop.h"

namespace quadrant {

// An input of a batch, or a part of one, from opening to what it leaves. Each function may wait for
// storage.
class Unit {
 public:
  virtual ~Unit() = default;
  // Opens it, and plans the input if that was not done; null if there is nothing to do. Throws
  // Error.
  virtual std::unique_ptr<Session> open() = 0;
  // Where the output grows until it is complete.
  virtual std::string part_path() const = 0;
  // Called once: what grew is complete (`failure` is null) and gets its name, or it goes away.
  virtual void done(std::exception_ptr failure) noexcept = 0;
};

class Units {
 public:
  virtual ~Units() = default;
  // Null: no more. Waits while an input is being opened that may bring more. Thread-safe.
  virtual std::unique_ptr<Unit> next() = 0;
};

class Executor {
 public:
  virtual ~Executor() = default;
  // Runs all units. A failing unit never stops the others; a raised stop flag ends all.
  virtual void run(Units& units) = 0;
};

struct Runtime {
  ProgressMeter& meter;
  const StopFlag& stop;
  int cores = 1;
  std::int64_t memory = 0;  // bytes for frames in flight, of all inputs together
};

// One frame at a time on one core: the reference, obviously correct.
std::unique_ptr<Executor> sequential_executor(const Runtime& runtime);
// One frame at a time, its strips on all cores.
std::unique_ptr<Executor> tiles_executor(const Runtime& runtime);
// Many frames of many inputs on one core.
std::unique_ptr<Executor> concurrent_executor(const Runtime& runtime);
// Many frames of several inputs on all cores.
std::unique_ptr<Executor> frames_executor(const Runtime& runtime);

// Many parts of inputs on all cores, each in one thread.
std::unique_ptr<Executor> segments_executor(const Runtime& runtime);

std::unique_ptr<Executor> make_executor(Mode mode, const Runtime& runtime);

}  // namespace quadrant
