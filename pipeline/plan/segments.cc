// SPDX-License-Identifier: MIT
#include "pipeline/plan/segments.h"

#include <algorithm>

#include "pipeline/contract/stage.h"
#include "pipeline/media/encoders.h"
#include "pipeline/media/standard_output.h"
#include "pipeline/media/stitch.h"

namespace quadrant {
namespace {

Around around(const std::vector<Step>& steps) {
  Around all;
  for (const Step& step : steps) {
    all.before += step.past;
    all.after += step.future;
    if (step.order == Order::in_order)
      all.before += step.stages.front().stage->warm_up().value_or(0);
  }
  return all;
}

// What prevents cutting in this job, for any input; "" if nothing does.
std::string obstacle_in_job(const std::vector<Step>& steps, const OutputRequest& request) {
  if (const PlannedStage* stage = unbounded_stage(steps))
    return fmt::format("{} remembers all frames before, so a segment cannot begin without them",
                       stage->name);
  return stitch_obstacle(request.video_encoder, request.video_options);
}

// An encoder that counts frames puts two pictures of a fast burst into one slot; across a border
// they would become two pictures of two segments.
bool slots_are_apart(const PacketScan& scan, const OutputRequest& request, const Format& source) {
  const bool by_rate = counts_frames(request.video_encoder, request.container) ||
                       controls_rate_by_ticks(request.video_encoder);
  if (!by_rate) return true;
  std::vector<std::int64_t> slots;
  for (std::int64_t pts : scan.pts)
    slots.push_back(std::llround(static_cast<double>(pts) * scan.time_base.value() *
                                 source.frame_rate.value()));
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
  const double seconds = video.segment_seconds.value_or(automatic_segment_seconds);
  const SegmentLength wanted{seconds, asked ? seconds : automatic_segment_seconds / 2};
  if (seconds == 0 || writes_nothing(request.container) || makes_images(request.container)) return;
  const double length = plan.input.duration_seconds;
  const std::string in_job = is_standard_output(plan.output_path)
                                 ? "standard output takes it as it is made"
                                 : obstacle_in_job(plan.steps, request);
  if (!in_job.empty() && asked)
    video.segment_location.fail(fmt::format(
        "output.video: segment cannot be {:g}: {}; take auto or none", seconds, in_job));
  if (length > 0 && length < 2 * seconds) return;
  PacketScan scan;
  scan.obstacle = in_job;
  if (scan.obstacle.empty()) scan = scan_packets(input);
  if (scan.obstacle.empty() && !slots_are_apart(scan, request, plan.source))
    scan.obstacle = "its pictures come faster than the encoder counts";
  plan.segments = cut_into_segments(scan, wanted, around(plan.steps));
  if (scan.obstacle.empty() && !plan.is_cut() && length > 0)
    scan.obstacle = "it has no keyframe to cut at";
  if (!plan.is_cut() && !scan.obstacle.empty())
    plan.notes.push_back(fmt::format("not cut into segments: {}", scan.obstacle));
}

}  // namespace quadrant
