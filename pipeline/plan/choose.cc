// SPDX-License-Identifier: MIT
#include "pipeline/plan/choose.h"

#include <algorithm>

#include "pipeline/plan/segments.h"

namespace quadrant {
namespace {

const PlannedStage* waiting_stage(const std::vector<Step>& steps) {
  const auto found = std::ranges::find(steps, Way::wait, &Step::way);
  return found == steps.end() ? nullptr : &found->stages.front();
}

bool has_strips(const std::vector<Step>& steps) {
  return std::ranges::any_of(steps, [](const Step& step) { return step.grid.size() > 1; });
}

// So short that one core for all of it leaves no other idle for long.
bool is_short(const Plan& plan) {
  const double length = plan.input.duration_seconds;
  return plan.input.is_one_picture() || (length > 0 && length < 2 * automatic_segment_seconds);
}

// With several cores. Segments scale best, since decoding and encoding scale too, so they run where
// there are enough of them; the graph over frames takes what must stay in one piece.
ModeChoice automatic(const Plan& plan, const PlannedStage* unbounded) {
  const int cores = plan.resources.cores, inputs = plan.resources.inputs;
  const int parts = static_cast<int>(plan.segments.size()) + inputs - 1;
  if (unbounded)
    return {Mode::frames, fmt::format("{} remembers all frames before, so the input is one piece, "
                                      "with many frames of it on {} cores",
                                      unbounded->name, cores)};
  if (const PlannedStage* stage = waiting_stage(plan.steps))
    return {Mode::frames,
            fmt::format("{} waits and holds no core, so many frames wait at once", stage->name)};
  if (plan.input.is_one_picture() && inputs < cores && has_strips(plan.steps))
    return {Mode::tiles, fmt::format("one picture, so its strips on {} cores", cores)};
  if (parts < cores)
    return {Mode::frames, fmt::format("{} part{} would not keep {} cores busy, many frames do",
                                      parts, parts == 1 ? "" : "s", cores)};
  if (plan.is_cut())
    return {Mode::segments, fmt::format("{} segments, each by itself on one of {} cores",
                                        plan.segments.size(), cores)};
  if (is_short(plan))
    return {Mode::segments,
            fmt::format("one of {} inputs, each by itself on one of {} cores", inputs, cores)};
  return {Mode::frames,
          fmt::format("a long input in one piece, so many frames of it on {} cores", cores)};
}

}  // namespace

Mode first_mode(Mode wanted, int cores) {
  if (wanted != Mode::automatic) return wanted;
  return cores > 1 ? Mode::segments : Mode::concurrent;
}

ModeChoice choose_mode(Mode wanted, const Plan& plan) {
  const PlannedStage* unbounded = unbounded_stage(plan.steps);
  if (wanted == Mode::segments && unbounded)
    fail(Fault::usage,
         "mode segments is not possible: {} remembers all frames before; take mode frames",
         unbounded->name);
  if (wanted != Mode::automatic) return {wanted, "asked for"};
  ModeChoice choice = plan.resources.cores > 1
                          ? automatic(plan, unbounded)
                          : ModeChoice{Mode::concurrent,
                                       "one core, so many frames on it, and whoever waits for "
                                       "storage lets another run"};
  choice.reason = "auto: " + choice.reason;
  return choice;
}

}  // namespace quadrant
