// SPDX-License-Identifier: MIT
// An executor runs units in one mode. All drive the same sessions and chains, so what is computed
// cannot depend on how.
//
// Whoever has a unit to do calls run() in a thread of its own; how many do so at once is bounded by
// units_at_once (plan/bounds.h). What they share, an arena of workers, the memory for frames, is
// the executor's.
#pragma once

#include <memory>

#include "pipeline/execute/idle_workers.h"
#include "pipeline/execute/session.h"
#include "pipeline/media/stop.h"

namespace quadrant {

class Executor {
 public:
  virtual ~Executor() = default;
  // Runs a session to its end; the file is complete when this returns. May wait for storage. What
  // fails ends this session and none beside it. Thread-safe. Throws Error.
  virtual void run(std::unique_ptr<Session> session, const UnitFile& file) = 0;
};

struct Runtime {
  ProgressMeter& meter;
  const StopFlag& stop;
  int cores = 1;
  std::int64_t memory = 0;            // bytes for frames in flight, of all units together
  const IdleWorkers* idle = nullptr;  // who could help; null: nobody
};

// One frame at a time on one core: the reference, obviously correct.
std::unique_ptr<Executor> sequential_executor(const Runtime& runtime);
// One frame at a time, its strips on all cores.
std::unique_ptr<Executor> tiles_executor(const Runtime& runtime);
// Many frames of many inputs on one core.
std::unique_ptr<Executor> concurrent_executor(const Runtime& runtime);
// Many frames of several inputs on all cores.
std::unique_ptr<Executor> frames_executor(const Runtime& runtime);
// Many units on all cores, each in one thread.
std::unique_ptr<Executor> segments_executor(const Runtime& runtime);

std::unique_ptr<Executor> make_executor(Mode mode, const Runtime& runtime);

}  // namespace quadrant
