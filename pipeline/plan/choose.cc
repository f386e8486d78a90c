// SPDX-License-Identifier: MIT
#include "pipeline/plan/choose.h"

#include <algorithm>

#include "pipeline/contract/stage.h"
#include "pipeline/counted.h"
#include "pipeline/plan/memory.h"
#include "pipeline/plan/segments.h"

namespace quadrant {
namespace {

const PlannedStage* waiting_stage(const std::vector<Step>& steps) {
  const auto found = std::ranges::find(steps, Processing::async, &Step::processing);
  return found == steps.end() ? nullptr : &found->stages.front();
}

bool has_strips(const std::vector<Step>& steps) {
  return std::ranges::any_of(steps, [](const Step& step) { return step.grid.size() > 1; });
}

// Short enough that running it on one core does not leave the others idle for long.
bool is_short(const Plan& plan) {
  const double length = plan.input.duration_seconds;
  return plan.input.is_one_picture() || (length > 0 && length < 2 * automatic_segment_seconds);
}

// Used with several cores. Segments scale best, since decoding and encoding scale too, so they are
// chosen if there are enough; otherwise frames run in graphs.
ModeChoice automatic(const Plan& plan, const PlannedStage* unbounded) {
  const int cores = plan.resources.cores, inputs = plan.resources.inputs;
  const int units = static_cast<int>(plan.segments.size()) + inputs - 1;
  if (unbounded)
    return {Mode::frames,
            fmt::format("{} needs every earlier frame, so the input cannot be cut; many "
                        "of its frames run on {} cores",
                        unbounded->name, cores)};
  if (const PlannedStage* stage = waiting_stage(plan.steps))
    return {
        Mode::frames,
        fmt::format("{} waits without holding a core, so many frames wait at once", stage->name)};
  if (plan.input.is_one_picture() && inputs < cores && has_strips(plan.steps))
    return {Mode::tiles, fmt::format("a single picture, so its strips run on {} cores", cores)};
  if (units < cores)
    return {Mode::frames, fmt::format("{} cannot keep {} cores busy, but many frames can",
                                      counted(units, "unit"), cores)};
  if (plan.is_cut())
    return {Mode::segments,
            fmt::format("{} segments run independently on {} cores", plan.segments.size(), cores)};
  if (is_short(plan))
    return {Mode::segments, fmt::format("{} inputs run independently on {} cores", inputs, cores)};
  return {
      Mode::frames,
      fmt::format("a long input that is not cut, so many of its frames run on {} cores", cores)};
}

}  // namespace

Mode first_mode(Mode wanted, int cores) {
  if (wanted != Mode::automatic) return wanted;
  return cores > 1 ? Mode::segments : Mode::concurrent;
}

ModeChoice choose_mode(Mode wanted, const Plan& plan) {
  const PlannedStage* unbounded = unbounded_stage(plan.steps);
  if (wanted == Mode::segments && unbounded)
    fail(Fault::usage, "mode segments is not possible: {} {}; use mode frames", unbounded->name,
         unbounded->stage->why_not_cut());
  if (wanted != Mode::automatic) return {wanted, "asked for"};
  ModeChoice choice = plan.resources.cores > 1
                          ? automatic(plan, unbounded)
                          : ModeChoice{Mode::concurrent,
                                       "one core, so many frames are in progress: while one "
                                       "waits for storage, another runs"};
  choice.reason = "auto: " + choice.reason;
  choice.is_automatic = true;
  return choice;
}

std::optional<ModeChoice> choice_for_memory(const Plan& plan) {
  const FrameBudget& budget = plan.budget;
  const std::int64_t memory = plan.resources.memory - program_memory;
  const auto because = [&](std::string_view what) {
    return fmt::format("auto: {} MiB of memory are too little for two {} at once",
                       plan.resources.memory >> 20, what);
  };
  const bool has_two_frames = memory >= budget.least_bytes() + budget.bytes_per_frame;
  if (!has_two_frames && plan.mode != Mode::tiles)
    return ModeChoice{Mode::sequential, because("frames")};
  if (plan.mode == Mode::segments && plan.is_cut() && memory < 2 * budget.least_bytes())
    return ModeChoice{Mode::frames, because("segments")};
  return std::nullopt;
}

}  // namespace quadrant
