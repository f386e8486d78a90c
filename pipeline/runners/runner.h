// SPDX-License-Identifier: MIT
// A runner does the work of inputs: in threads of this process (thread_runner.h) or in child
// processes (process_runner.h). Orders and results are plain values, so callers do not know where
// the work is done, and a child process receives the same values as messages (messages.h). Another
// machine needs no runner of its own: it uses one of these on its shard (shard.h).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/config/job_spec.h"
#include "pipeline/media/stitch.h"
#include "pipeline/plan/outline.h"
#include "pipeline/runners/attempt.h"

namespace quadrant {

class Observer;

struct OpenOrder {
  JobText job;
  InputSpec input;
  std::string output;
  Mode mode = Mode::automatic;  // as requested
  Resources resources;
  JobKey key;
  std::vector<Segment> segments;  // empty: the plan finds them
};

struct Opened {
  Outline outline;
  Diagnostics reading;
};

struct UnitOrder {
  Unit unit;
  std::string head;  // of the packet file; empty: write the output itself
  std::string path;  // of the growing file
  int cores = 1;
  std::int64_t memory = 0;  // bytes for frames in progress
  bool hashes = false;
};

// The result of a unit, in addition to its packet file.
struct UnitResult {
  std::string hashes;  // one line per frame, if requested
  Findings findings;
};

struct StitchOrder {
  PacketFiles files;
  std::string path;
};

// One input in a runner. All functions throw Error; UnitDied if the process or thread that worked
// on it was ended.
class InputRunner {
 public:
  virtual ~InputRunner() = default;
  // Opens and plans the input. May be called again after a failure.
  virtual Opened open(Attempt& attempt) = 0;
  // Does a unit; many at once. A call with open()'s attempt continues with the opened input.
  virtual UnitResult run(const UnitOrder& order, Attempt& attempt) = 0;
  // No work will come for a while: closes what can be reopened.
  virtual void park() {}
  // Appends to an output whose units are not all made, where the runner can. One call at a time,
  // including stitch().
  virtual void grow(const StitchOrder&, const Stitcher::IsWhole&) {}
  // Call when all units are complete: writes the rest of the output, closes it and reads it back.
  virtual void stitch(const StitchOrder& order, Attempt& attempt) = 0;
};

class Runner {
 public:
  virtual ~Runner() = default;
  // `observer` sees the frames, only in threads of this process; may be null.
  virtual std::unique_ptr<InputRunner> input(OpenOrder order, Observer* observer) = 0;
};

}  // namespace quadrant
