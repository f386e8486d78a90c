// SPDX-License-Identifier: MIT
// A process for one unit, seen from the run (run.isolate: process). Whatever happens in it, a crash
// of a codec or a plug-in, a hang, the kernel's out-of-memory killer, happens to that unit alone.
//
// The process is this same program (/proc/self/exe), started by posix_spawn: a program with threads
// must not fork without exec. It is killed with this object, and by the kernel when the thread that
// made it dies, so the object must stay in that thread. To stop it is to kill it: what it had not
// finished has no name yet.
#pragma once

#include <sys/types.h>

#include <memory>

#include "pipeline/batch/attempt.h"
#include "pipeline/batch/context.h"
#include "pipeline/batch/messages.h"
#include "pipeline/batch/wire.h"

namespace quadrant {

class UnitProcess {
 public:
  // Throws Error(temporary) if there can be no more processes.
  explicit UnitProcess(BatchContext& context);
  ~UnitProcess();
  UnitProcess(const UnitProcess&) = delete;
  UnitProcess& operator=(const UnitProcess&) = delete;

  // Each waits for the answer and passes figures on meanwhile. Throw the Error that the process
  // met, Died if it did not answer any more or stood still, Error(stopped) once the batch is.
  Opened open(const OpenOrder& order, Attempt& attempt);
  Made make(const PartOrder& order, Attempt& attempt);
  void stitch(const StitchOrder& order, Attempt& attempt);

 private:
  nlohmann::json ask(const nlohmann::json& order, Attempt& attempt);
  void note(const Figures& now, Attempt& attempt);
  void note_places(const Figures& now);
  [[noreturn]] void died();
  void kill_and_reap() noexcept;
  void forget_cpu() noexcept;

  BatchContext& context_;
  pid_t pid_ = -1;
  std::unique_ptr<Wire> wire_;
  Figures noted_;
  std::int64_t oom_kills_;  // of the machine, before
};

}  // namespace quadrant
