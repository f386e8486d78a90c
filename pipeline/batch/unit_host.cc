// SPDX-License-Identifier: MIT
#include "pipeline/batch/unit_host.h"

#include <opencv2/core/utility.hpp>

#include "pipeline/batch/segment_store.h"
#include "pipeline/execute/one_unit.h"
#include "pipeline/observe/report.h"

namespace quadrant {

Opened UnitHost::open(const OpenOrder& order) {
  cv::setNumThreads(0);
  job_ = read_job(order.job.name, order.job.yaml, catalogue_, order.job.overrides);
  input_.emplace(order.input, stop_);
  plan_ = std::make_shared<const Plan>(
      make_plan(*job_, *input_, resolve_output(job_->output, order.output), order.output,
                order.mode, order.resources, order.segments));
  return {outline_of(*plan_), input_->take_complaints()};
}

Made UnitHost::make(const PartOrder& order) {
  FrameHashes hashes;
  FrameHashes* const wanted = order.hashes ? &hashes : nullptr;
  const auto foot = [&](std::int64_t pictures) {
    return SegmentStore::foot(pictures, hashes.text());
  };
  OneUnit units(
      std::make_unique<Session>(std::move(*input_), plan_,
                                Part{order.kind, order.segment, order.head, foot}, meter_, wanted),
      order.path);
  input_.reset();
  make_executor(plan_->mode, {frames_, stop_, order.cores, order.memory})->run(units);
  units.rethrow();
  return {figures(), hashes.text(), meter_.complaints(InputMeter::read),
          meter_.complaints(InputMeter::decode), meter_.unplanned()};
}

Made UnitHost::stitch(const StitchOrder& order) {
  Stitcher(*input_, plan_->output, order.files, order.path).finish(stop_);
  return {.figures = figures()};
}

Figures UnitHost::figures() const {
  Figures now{.packets_in = meter_.packets_in,
              .frames_in = meter_.frames_in,
              .frames_out = meter_.frames_out,
              .decode_errors = meter_.decode_errors,
              .moves = stop_.moves(),
              .in_progress = frames_.now(),
              .in_progress_peak = frames_.peak(),
              .frame_seconds = frames_.frame_seconds(),
              .full_ns = meter_.full_ns(),
              .cpu_seconds = process_cpu_seconds(),
              .rss_bytes = rss_bytes(),
              .threads = thread_count()};
  for (const auto& [place, ns] : frames_.place_ns())
    now.places.push_back({place.node, static_cast<int>(place.kind), place.at, ns});
  for (const auto& [place, stage] : meter_.places())
    now.stages[place] = {stage->name(), stage->calls(), stage->cpu_ns(), stage->wait_ns()};
  return now;
}

}  // namespace quadrant
