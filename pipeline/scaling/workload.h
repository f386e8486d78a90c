// SPDX-License-Identifier: MIT
// What a job costs, as predictions want to know it: seconds a frame at each stage, and
// the units that the inputs fall into. Measured by a calibration
// (calibration/calibration.h), or made up by a test.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace quadrant {

// Seconds a frame: on a core, and waiting for something that is none.
struct Cost {
  double cpu = 0, wait = 0;

  Cost& operator*=(double factor) { return cpu *= factor, wait *= factor, *this; }
};

struct ModelStage {
  std::string name;
  Cost cost;
};

// A stage, reading and writing too, by its name, and what a frame costs there.
struct StageCost {
  std::string name;
  Cost cost;
  int strips = 1;
};

// A step of the plan: what a frame goes through in one go.
struct ModelStep {
  enum class Kind { parallel, serial, async };  // as execute/node.h
  Kind kind = Kind::parallel;
  std::vector<ModelStage> stages;
  int strips = 1;  // that `tiles` spreads over the cores
  int future = 0;  // frames that one waits for before it goes on

  Cost cost() const;
};

// An encoder takes `held` frames before the first comes out, and gives those at the end. One with
// threads of its own works in them; who calls it waits for the frame that comes out.
struct ModelEncoder {
  int held = 0;
  double filling = 0;  // CPU seconds of the caller for a frame while none comes out
  double cpu = 0;  // CPU seconds of the caller for a frame from then on, and for each at the end
  int threads = 1;
  double threads_cpu = 0;  // CPU seconds a frame in its own threads
};

// A part of an input, done in one go: all of it, or a segment.
struct ModelUnit {
  std::int64_t frames = 0;   // that it gives
  std::int64_t decoded = 0;  // at least `frames`
  std::int64_t seen = 0;     // by the stages; from `frames` to `decoded`
  double scale = 1;  // of the costs a frame: a larger picture than the one that was measured
};

struct ModelInput {
  std::vector<ModelUnit> units;
  double open = 0;    // CPU seconds before its units are known, and to plan it
  double finish = 0;  // after the last: put together, synced, read again
};

// With `cores` of a machine busy, the same work takes `factor` times the CPU seconds that it takes
// alone: caches, memory and clock are shared. Up to there it grows by the same amount a core; what
// more cores would cost nobody has measured.
struct Contention {
  double factor = 1;
  int cores = 1;

  double at(double busy) const;
};

struct Workload {
  Cost read, write;
  double decode = 0;  // CPU seconds a frame
  std::vector<ModelStep> steps;
  ModelEncoder encode;
  double spread =
      0;  // CPU seconds of each core that a step's strips are spread over, beside their work
  double begin = 0;  // CPU seconds to open a unit: decoder, encoder, file
  std::vector<ModelInput> inputs;

  Contention contention;

  // Of memory, in bytes.
  std::int64_t memory = 0;  // budget for frames in flight
  std::int64_t frame_bytes = 0, base_bytes = 0, unit_bytes = 0;
  int windows = 0;  // frames that temporal stages hold

  // Where nothing is cut and could be: the length that would do, in seconds and frames; else 0.
  double piece_seconds = 0;
  std::int64_t piece_frames = 0;

  std::int64_t frames() const;
  bool waits() const;
  // From reading to writing, each stage by itself.
  std::vector<StageCost> stage_costs() const;
  // CPU and waiting of one frame, over all stages.
  Cost per_frame() const;
};

// How fast a core does the same work now, over how fast it did it alone when the workload was
// measured: by itself, and with as many cores busy as its contention was measured with. A machine
// that others use too is faster or slower than it was, and not by the same for one core as for all.
struct SpeedFactor {
  double alone = 1, together = 1;

  Contention contention(int cores) const { return {alone / together, cores}; }
};

// The same on a machine of that speed; what waits for other things waits as long.
Workload at_speed(const Workload& workload, const SpeedFactor& speed);

}  // namespace quadrant
