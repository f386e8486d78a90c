// SPDX-License-Identifier: MIT
// The plan: a checked configuration resolved for one opened input. Immutable and printable; a run
// has nothing left to decide.
//
// Stages become steps. A step is what an executor moves a frame through in one go: a run of
// tileable stages, executed strip by strip while the strip is in the cache, or one stage that
// must see whole frames, or frames in order, or that waits.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/config/job_spec.h"
#include "pipeline/contract/promises.h"
#include "pipeline/media/input.h"
#include "pipeline/media/output_plan.h"
#include "pipeline/media/segment.h"

namespace quadrant {

class Stage;

struct PlannedStage {
  std::string name;
  std::shared_ptr<const Stage> stage;  // configured
  Format in, out;
  std::string parameters;  // "strength=3 patch=5", for people
};

struct Step {
  std::vector<PlannedStage> stages;  // several only for a run of tileable stages
  Order order = Order::any_order;
  Processing processing = Processing::tile;
  int past = 0, future = 0;  // frames the first stage reads around the current one
  std::vector<Rows> grid;    // luma rows of the output, from the geometry alone
  // margins[i]: how many luma rows above and below a strip later stages read of stage i's output.
  std::vector<int> margins;

  const Format& in() const { return stages.front().in; }
  const Format& out() const { return stages.back().out; }
  std::string name() const;  // "denoise+sharpen"
};

// What the machine gives this run; the same for all inputs.
struct Resources {
  int cores = 1;
  std::int64_t memory = 0;  // bytes for frames in flight
  int inputs = 1;           // of the batch: they share the rest
  int in_flight = 0;        // frames of an input beside those that windows keep; 0: the plan's own
};

// How many frames of one input may be in progress, and what one costs.
struct FrameBudget {
  int frames = 1;  // at most, if this input is alone
  int least = 1;   // fewer, and a window could never fill
  std::int64_t bytes_per_frame = 0;
};

struct ModeChoice {
  Mode mode = Mode::sequential;
  std::string reason;
};

struct Plan {
  InputInfo input;
  std::string output_path;
  Format source;  // of the decoded frames
  std::vector<Step> steps;
  OutputPlan output;
  Mode mode = Mode::sequential;
  std::string mode_reason;
  Resources resources;
  FrameBudget budget;
  std::vector<Segment> segments;  // several, or one that is all of it
  std::vector<std::string> losses, notes;

  bool is_cut() const { return segments.size() > 1; }
  Rational result_time_base() const;  // of the frames that reach the encoder
};

// What the job asks of the output at `path`; refuses unknown containers, encoders and options with
// their place in the configuration. Opens nothing.
OutputRequest resolve_output(const OutputSpec& spec, const std::string& path);

// Throws Error where this input cannot be done as asked. `segments`: of an earlier plan of the same
// job and input; none: they are looked for, which reads the input once.
Plan make_plan(const JobSpec& job, const Input& input, const OutputRequest& request,
               const std::string& output_path, Mode wanted, const Resources& resources,
               const std::vector<Segment>& segments = {});

// Gives the plan another mode than it was made for, and the budget that goes with it. Throws
// Error(input) where the memory is too little for it.
void settle_mode(Plan& plan, const ModeChoice& choice);

// Strips of luma rows for a picture; see steps.cc for the sizes.
std::vector<Rows> strips_of(const Format& format);

std::string explain(const Plan& plan);

}  // namespace quadrant
