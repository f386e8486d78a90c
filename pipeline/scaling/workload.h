// SPDX-License-Identifier: MIT
// What a job costs, as predictions need it: seconds per frame in each stage, and the units of the
// inputs. Measured by a calibration (calibration/calibration.h), or made up by a test.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace quadrant {

// Seconds per frame: on a core, and waiting for something other than a core.
struct Cost {
  double cpu = 0, wait = 0;

  Cost& operator*=(double factor) { return cpu *= factor, wait *= factor, *this; }
};

struct ModelStage {
  std::string name;
  Cost cost;
};

// A stage (or reading or writing) and its cost per frame.
struct StageCost {
  std::string name;
  Cost cost;
  int strips = 1;
};

// A step of the plan: stages that a frame passes in one call.
struct ModelStep {
  enum class Kind { parallel, serial, async };  // as execute/node.h
  Kind kind = Kind::parallel;
  std::vector<ModelStage> stages;
  int strips = 1;  // that `tiles` spreads over the cores
  int future = 0;  // later frames that a frame waits for

  Cost cost() const;
};

// The encoder takes `held` frames before the first packet comes out, and returns the held ones at
// the end. With threads of its own it works in those, and its caller waits for the next packet.
struct ModelEncoder {
  int held = 0;
  double filling = 0;  // CPU seconds of the caller per frame while nothing comes out
  double cpu = 0;  // CPU seconds of the caller per frame after that, and per held frame at the end
  int threads = 1;
  double threads_cpu = 0;  // CPU seconds per frame in the encoder's own threads
};

// A unit of an input: all of it, or a segment.
struct ModelUnit {
  std::int64_t frames = 0;   // in the output
  std::int64_t decoded = 0;  // at least `frames`
  std::int64_t seen = 0;     // processed by the stages; from `frames` to `decoded`
  double scale = 1;          // of the costs per frame, for pictures of another size than measured
};

struct ModelInput {
  std::vector<ModelUnit> units;
  double open = 0;    // CPU seconds to plan the input, before its units are known
  double finish = 0;  // after the last unit: put together, sync, read back
};

// With `cores` cores of a machine busy, the same work takes `factor` times its CPU seconds alone:
// caches, memory and clock are shared. Up to `cores` the factor grows linearly; beyond that nothing
// was measured.
struct Contention {
  double factor = 1;
  int cores = 1;

  double at(double busy) const;
};

struct Workload {
  Cost read, write;
  double decode = 0;  // CPU seconds per frame
  std::vector<ModelStep> steps;
  ModelEncoder encode;
  double spread = 0;  // CPU seconds of each core to spread a step's strips, besides their work
  double begin = 0;   // CPU seconds to open a unit: decoder, encoder, file
  std::vector<ModelInput> inputs;

  Contention contention;

  // Memory, in bytes.
  std::int64_t memory = 0;  // budget for frames in progress
  std::int64_t frame_bytes = 0, base_bytes = 0, unit_bytes = 0;
  int windows = 0;  // frames held by stages with windows

  // If an input is not cut but could be: a suitable length of segments, in seconds and frames; else
  // 0.
  double piece_seconds = 0;
  std::int64_t piece_frames = 0;

  std::int64_t frames() const;
  bool waits() const;
  // From reading to writing, one entry per stage.
  std::vector<StageCost> stage_costs() const;
  // CPU and wait of one frame, summed over all stages.
  Cost per_frame() const;
};

// The speed of a core relative to its speed when the workload was measured: working alone, and with
// as many cores busy as for its contention. A shared machine becomes faster or slower, and not
// equally for one core and for all.
struct SpeedFactor {
  double alone = 1, together = 1;

  Contention contention(int cores) const { return {alone / together, cores}; }
};

// The workload on a machine of that speed; waits keep their length.
Workload at_speed(const Workload& workload, const SpeedFactor& speed);

}  // namespace quadrant
