// SPDX-License-Identifier: MIT
#include "pipeline/plan/segments.h"

#include <algorithm>

#include "pipeline/contract/stage.h"
#include "pipeline/media/encoders.h"
#include "pipeline/media/standard_output.h"
#include "pipeline/media/stitch.h"

namespace quadrant {
namespace {

const Stage& first_of(const Step& step) { return *step.stages.front().stage; }

bool looks_around(const Around& a) {
  return a.before + a.after > 0 || a.seconds_before + a.seconds_after > 0;
}

// The same in seconds, for frames so far apart: one more on each side, as each is made of one that
// may be shown somewhat earlier.
Around in_seconds(const Around& frames, double spacing) {
  return {0, 0, frames.seconds_before + (frames.before + 1) * spacing,
          frames.seconds_after + (frames.after + 1) * spacing};
}

// Backward, from what the last step looks at to what the first one does.
Around around(const std::vector<Step>& steps) {
  Around all;
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    const Stage& first = first_of(*step);
    all.before += step->past;
    all.after += step->future;
    if (step->order != Order::in_order) continue;
    if (first.spacing()) all = in_seconds(all, *first.spacing());
    all.before += first.warm_up().value_or(0);
    all.after += first.look_ahead().frames;
    all.seconds_after += first.look_ahead().seconds;
  }
  return all;
}

// Where frames are picked at times that vary, nobody knows how much of the input later steps see.
std::string obstacle_of_spacing(const std::vector<Step>& steps) {
  for (auto step = steps.begin(); step != steps.end(); ++step)
    if (first_of(*step).spacing() == 0.0 && looks_around(around({std::next(step), steps.end()})))
      return fmt::format(
          "{} gives frames at times that vary, so it is not known how far later stages look",
          step->name());
  return "";
}

// Seconds. Where stages leave few frames, a segment still has to have more of them than an encoder
// reorders: its decoding times tell the stitcher how deep that is. Borders may come at half the
// length that is wanted.
double least_length(const std::vector<Step>& steps) {
  constexpr double least_frames = 12;
  double spacing = 0;
  for (const Step& step : steps)
    if (first_of(step).spacing())
      spacing = std::max({spacing, *first_of(step).spacing(), first_of(step).look_ahead().seconds});
  return least_frames * spacing;
}

// What prevents cutting in this job, for any input; "" if nothing does.
std::string obstacle_in_job(const std::vector<Step>& steps, const OutputRequest& request) {
  if (const PlannedStage* stage = unbounded_stage(steps))
    return fmt::format("{} {}", stage->name, stage->stage->why_not_cut());
  if (const std::string obstacle = obstacle_of_spacing(steps); !obstacle.empty()) return obstacle;
  return stitch_obstacle(request.video_encoder, request.video_options);
}

// An encoder that counts frames puts two pictures of a fast burst into one slot; across a border
// they would become two pictures of two segments.
bool slots_are_apart(const PacketScan& scan, const OutputRequest& request, const Plan& plan) {
  const bool by_rate = counts_frames(request.video_encoder, request.container) ||
                       controls_rate_by_ticks(request.video_encoder);
  const bool is_even = std::ranges::any_of(
      plan.steps, [](const Step& step) { return first_of(step).spacing().value_or(0) > 0; });
  if (!by_rate || is_even) return true;
  std::vector<std::int64_t> slots;
  for (std::int64_t pts : scan.pts)
    slots.push_back(std::llround(static_cast<double>(pts) * scan.time_base.value() *
                                 plan.source.frame_rate.value()));
  std::ranges::sort(slots);
  return std::ranges::adjacent_find(slots) == slots.end();
}

}  // namespace

const PlannedStage* unbounded_stage(const std::vector<Step>& steps) {
  for (const Step& step : steps)
    if (step.order == Order::in_order && !step.stages.front().stage->warm_up())
      return &step.stages.front();
  return nullptr;
}

void plan_segments(Plan& plan, const JobSpec& job, const Input& input,
                   const OutputRequest& request) {
  plan.segments = {Segment{}};
  const VideoSpec& video = job.output.video;
  const bool asked = video.segment_seconds.has_value();
  const double least = least_length(plan.steps);
  const double seconds =
      video.segment_seconds.value_or(std::max(automatic_segment_seconds, 2 * least));
  const SegmentLength wanted{seconds, asked ? seconds : seconds / 2};
  if (seconds == 0 || writes_nothing(request.container) || makes_images(request.container)) return;
  const double length = plan.input.duration_seconds;
  const std::string in_job = is_standard_output(plan.output_path)
                                 ? "standard output takes it as it is made"
                                 : obstacle_in_job(plan.steps, request);
  if (!in_job.empty() && asked)
    video.segment_location.fail(fmt::format(
        "output.video: segment cannot be {:g}: {}; take auto or none", seconds, in_job));
  if (asked && seconds < least)
    video.segment_location.fail(
        fmt::format("output.video: segment cannot be {:g}: the stages leave too few frames for so "
                    "short segments; take auto, none, or at least {:g}",
                    seconds, least));
  if (length > 0 && length < 2 * seconds) return;
  PacketScan scan;
  scan.obstacle = in_job;
  if (scan.obstacle.empty()) scan = scan_packets(input);
  if (scan.obstacle.empty() && !slots_are_apart(scan, request, plan))
    scan.obstacle = "its pictures come faster than the encoder counts";
  plan.segments = cut_into_segments(scan, wanted, around(plan.steps));
  if (scan.obstacle.empty() && !plan.is_cut() && length > 0)
    scan.obstacle = "it has no keyframe to cut at";
  if (!plan.is_cut() && !scan.obstacle.empty())
    plan.notes.push_back(fmt::format("not cut into segments: {}", scan.obstacle));
}

}  // namespace quadrant
