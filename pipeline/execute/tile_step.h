// SPDX-License-Identifier: MIT
// Runs a step of tileable stages on a frame, strip by strip. Each strip goes through all stages of
// the step while it is in the cache; each stage fills as many rows beyond the strip as later stages
// read. The caller's ParallelFor decides whether strips run one after another or at once.
#pragma once

#include <memory>
#include <vector>

#include "pipeline/contract/stage.h"
#include "pipeline/execute/idle.h"
#include "pipeline/execute/node.h"
#include "pipeline/execute/observer.h"
#include "pipeline/observe/meter.h"
#include "pipeline/plan/plan.h"

namespace quadrant {

// The luma rows that a stage of a step fills for a strip of its grid: the strip plus the rows that
// later stages read around it.
Rows rows_made(const Step& step, std::size_t stage, Rows strip);

class TileStep {
 public:
  // `step` must outlive the TileStep. `slices` is for stages that split their own work;
  // `first_index` is the index of the first stage.
  TileStep(const Step& step, ParallelFor strips, ParallelFor slices,
           std::vector<StageMeter*> meters, const FrameTap& tap, int first_index);
  ~TileStep();

  // Thread-safe for an any_order step; an in_order step keeps its memory here.
  Frame run(const Picture& picture);

 private:
  struct Worker;  // what one strip needs: scratch rows and the stages' states
  std::unique_ptr<Worker> make_worker() const;
  void run_strip(const Picture& picture, const View& out, int number, Worker& worker);

  const Step& step_;
  ParallelFor strips_, slices_;
  std::vector<StageMeter*> meters_;
  FrameTap tap_;
  int first_index_;
  FramePool frames_;
  Idle<Worker> idle_;
};

}  // namespace quadrant
