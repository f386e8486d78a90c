// SPDX-License-Identifier: MIT
// An executor runs units in one mode. All executors drive the same sessions and chains, so the mode
// cannot change what is computed.
//
// A caller with a unit to do calls run() in a thread of its own; units_at_once (plan/bounds.h)
// bounds how many do so at once. The executor owns what the calls share: an arena of workers and
// the memory for frames.
#pragma once

#include <memory>

#include "pipeline/execute/idle_workers.h"
#include "pipeline/execute/session.h"
#include "pipeline/media/stop.h"

namespace quadrant {

class Executor {
 public:
  virtual ~Executor() = default;
  // Runs a session to its end; the file is complete when this returns. May wait for storage. A
  // failure ends only this session. Thread-safe. Throws Error.
  virtual void run(std::unique_ptr<Session> session, const UnitFile& file) = 0;
};

struct Runtime {
  ProgressMeter& meter;
  const StopFlag& stop;
  int cores = 1;
  std::int64_t memory = 0;            // bytes for the frames in progress of all units
  const IdleWorkers* idle = nullptr;  // workers that could help; null: none
};

// One frame at a time on one core: the reference, obviously correct.
std::unique_ptr<Executor> sequential_executor(const Runtime& runtime);
// One frame at a time, its strips spread over all cores.
std::unique_ptr<Executor> tiles_executor(const Runtime& runtime);
// Many frames of many inputs on one core.
std::unique_ptr<Executor> concurrent_executor(const Runtime& runtime);
// Many frames of several inputs on all cores.
std::unique_ptr<Executor> frames_executor(const Runtime& runtime);
// Many units on all cores, each in one thread.
std::unique_ptr<Executor> segments_executor(const Runtime& runtime);

std::unique_ptr<Executor> make_executor(Mode mode, const Runtime& runtime);

}  // namespace quadrant
