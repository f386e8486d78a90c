// SPDX-License-Identifier: MIT
// A runner does the work of inputs somewhere: in threads of this process (thread_runner.h) or in
// child processes (process_runner.h). What it is asked for and what it gives are plain values, so
// whoever hands out work does not know where it is done, and a child process is asked in the same
// words (messages.h). Another machine is no runner of its own: it is this, over a shard (shard.h).
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
  std::string input, output;
  Mode mode = Mode::automatic;  // that was asked for
  Resources resources;
  JobKey key;
  std::vector<Segment> segments;  // none: to be looked for
};

struct Opened {
  Outline outline;
  Diagnostics reading;
};

struct UnitOrder {
  Unit unit;
  std::string head;  // of the packet file; empty: the output itself
  std::string path;  // where it grows
  int cores = 1;
  std::int64_t memory = 0;  // bytes for frames in flight
  bool hashes = false;
};

// What is told of a unit that was done, beside its packet file.
struct UnitResult {
  std::string hashes;  // a line a frame, if they were wanted
};

struct StitchOrder {
  PacketFiles files;
  std::string path;
};

// An input at a runner. All functions throw Error; UnitDied where whoever worked was ended.
class InputRunner {
 public:
  virtual ~InputRunner() = default;
  // Opens and plans it; again after that failed.
  virtual Opened open(Attempt& attempt) = 0;
  // Does a unit; many at once. The one that is given the attempt of open() goes on with what that
  // opened.
  virtual UnitResult run(const UnitOrder& order, Attempt& attempt) = 0;
  // Nobody will work on it for a while: closes what can be opened again.
  virtual void park() {}
  // Writes what is there of an output whose units are still made, where that can be done; one call
  // at a time, as of stitch().
  virtual void grow(const StitchOrder&, const Stitcher::IsWhole&) {}
  // All units are whole: writes what is left of the output, closes it and reads it again.
  virtual void stitch(const StitchOrder& order, Attempt& attempt) = 0;
};

class Runner {
 public:
  virtual ~Runner() = default;
  // `observer` sees the pictures, of threads in this process only; may be null.
  virtual std::unique_ptr<InputRunner> input(OpenOrder order, Observer* observer) = 0;
};

}  // namespace quadrant
