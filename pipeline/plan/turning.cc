// SPDX-License-Identifier: MIT
#include "pipeline/plan/turning.h"

#include "pipeline/contract/stage.h"

namespace quadrant {

std::vector<StageSpec> turning_stages(const TurningStages& turning, Orientation orientation) {
  std::vector<StageSpec> stages;
  const auto add = [&](const StageInfo* info, std::vector<std::pair<std::string, Value>> values) {
    stages.emplace_back();
    stages.back().info = info;
    stages.back().values = std::move(values);
  };
  if (orientation.mirrored && turning.flip) add(turning.flip, {});
  if (orientation.degrees != 0 && turning.rotate)
    add(turning.rotate, {{"degrees", Value(double(orientation.degrees))}});
  return stages;
}

std::optional<std::string> orientation_note(const Plan& plan) {
  const StreamInfo& video = plan.input.video_stream();
  if (!video.orientation && video.rotation == 0) return std::nullopt;
  const std::string shown = video.orientation
                                ? video.orientation->describe()
                                : fmt::format("rotated by {:g} degrees", video.rotation);
  if (plan.turned_first)
    return fmt::format("the picture is to be shown {}: it is turned before the first stage", shown);
  if (plan.steps.empty()) return std::nullopt;
  const std::string note =
      fmt::format("the picture is to be shown {}; stages see it as it is stored ({}x{}), ", shown,
                  plan.source.width, plan.source.height);
  if (!plan.output.keep_rotation)
    return note + "the rotate stage applies it, so players no longer turn it";
  if (plan.output.loses_orientation) return note + "and the output cannot tell it";
  return note + "and players turn it" +
         (video.orientation ? "; `orientation: apply` turns the samples" : "");
}

std::optional<std::string> lost_mirroring(const Plan& plan) {
  const std::optional<Orientation>& told = plan.input.video_stream().orientation;
  if (plan.turned_first || plan.output.keep_rotation || !told || !told->mirrored)
    return std::nullopt;
  return "the picture is to be shown mirrored: the rotate stage replaces that; "
         "`orientation: apply` mirrors it before";
}

}  // namespace quadrant
