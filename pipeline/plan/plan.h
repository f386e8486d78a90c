// SPDX-License-Identifier: MIT
// The plan: a checked configuration resolved for one opened input. Immutable and printable; a run
// decides nothing more.
//
// Stages become steps. A step is what an executor takes a frame through at once: a run of tileable
// stages, executed strip by strip while the strip is in the cache, or a single stage that needs
// whole frames, needs them in order, or waits.
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
  std::string parameters;  // "strength=3 patch=5", for display
};

struct Step {
  std::vector<PlannedStage> stages;  // several only in a run of tileable stages
  Order order = Order::any_order;
  Processing processing = Processing::tile;
  int past = 0, future = 0;  // frames that the first stage reads around the current one
  std::vector<Rows> grid;    // luma rows of the output, from the geometry alone
  // margins[i]: how many luma rows beyond a strip, above and below, later stages read of stage i's
  // output.
  std::vector<int> margins;

  const Format& in() const { return stages.front().in; }
  const Format& out() const { return stages.back().out; }
  std::string name() const;  // "denoise+sharpen"
};

// What the machine offers this run; equal for all inputs.
struct Resources {
  int cores = 1;
  std::int64_t memory = 0;  // bytes for frames in progress, or for everything (holds_all)
  int inputs = 1;           // inputs of the batch, which share cores and memory
  int in_flight = 0;        // per input, not counting frames held by windows; 0: the plan decides
  bool holds_all = false;   // `memory` was asked for: program and codecs are within it, too
};

// How many frames of one input may be in progress, and what one of them costs.
struct FrameBudget {
  int frames = 1;  // the limit, if this input is alone
  int least = 1;   // with fewer, a window could never fill
  std::int64_t bytes_per_frame = 0;
  std::int64_t codecs = 0;  // bytes beside the frames, of one unit

  std::int64_t least_bytes() const { return codecs + least * bytes_per_frame; }  // of one unit
};

struct ModeChoice {
  Mode mode = Mode::sequential;
  std::string reason;
  bool is_automatic = false;  // not asked for: memory may call for another one
};

struct Plan {
  InputInfo input;
  std::string output_path;
  Format source;  // of the decoded frames
  std::vector<Step> steps;
  OnChange on_change = OnChange::fit;
  bool turned_first = false;  // by the input's orientation, before the job's stages
  OutputPlan output;
  Mode mode = Mode::sequential;
  std::string mode_reason;
  Resources resources;
  FrameBudget budget;
  std::vector<Segment> segments;  // several, or one that covers the whole input
  std::vector<std::string> losses, notes;

  bool is_cut() const { return segments.size() > 1; }
  Rational result_time_base() const;  // of the frames that reach the encoder
};

// What the job requires of the output at `path`. Refuses unknown containers, encoders and options
// with their location in the configuration. Opens nothing.
OutputRequest resolve_output(const OutputSpec& spec, const std::string& path);

// Throws Error if the input cannot be processed as requested. `segments`: from an earlier plan of
// the same job and input; empty: finds them, which reads the input once.
Plan make_plan(const JobSpec& job, const Input& input, const OutputRequest& request,
               const std::string& output_path, Mode wanted, const Resources& resources,
               const std::vector<Segment>& segments = {});

// The segment in ticks of the frames that reach the encoder.
Segment shown_segment(const Plan& plan, const Segment& segment);

// Changes the plan's mode and the budget that depends on it. Throws Error(input) if the memory is
// too small for the mode.
void settle_mode(Plan& plan, const ModeChoice& choice);

// Strips of luma rows for a picture; see steps.cc for the sizes.
std::vector<Rows> strips_of(const Format& format);

std::string explain(const Plan& plan);

}  // namespace quadrant
