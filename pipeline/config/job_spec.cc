// SPDX-License-Identifier: MIT
#include "pipeline/config/job_spec.h"

#include <algorithm>

#include "pipeline/contract/stage.h"

namespace quadrant {

std::string_view name_of(Mode mode) {
  switch (mode) {
    case Mode::sequential: return "sequential";
    case Mode::concurrent: return "concurrent";
    case Mode::tiles: return "tiles";
    case Mode::frames: return "frames";
    case Mode::segments: return "segments";
    case Mode::automatic: return "auto";
  }
  return "";
}

std::optional<Mode> mode_named(std::string_view name) {
  const auto found = std::ranges::find(all_modes, name, [](Mode mode) { return name_of(mode); });
  return found == all_modes.end() ? std::nullopt : std::optional(*found);
}

std::string_view name_of(OnChange on_change) {
  switch (on_change) {
    case OnChange::fit: return "fit";
    case OnChange::fill: return "fill";
    case OnChange::stretch: return "stretch";
    case OnChange::fail: return "fail";
  }
  return "";
}

std::string_view name_of(OrientationRule rule) {
  switch (rule) {
    case OrientationRule::automatic: return "auto";
    case OrientationRule::keep: return "keep";
    case OrientationRule::apply: return "apply";
  }
  return "";
}

std::string_view name_of(SubtitleRule rule) {
  switch (rule) {
    case SubtitleRule::automatic: return "auto";
    case SubtitleRule::copy: return "copy";
    case SubtitleRule::none: return "none";
  }
  return "";
}

std::unique_ptr<Stage> StageSpec::make() const {
  std::unique_ptr<Stage> stage = info->make();
  for (const auto& [name, value] : values) {
    const auto param = std::ranges::find(info->params, name, &Param::name);
    if (param == info->params.end())
      fail(Fault::internal, "{} has no parameter {}", info->name, name);
    param->set(*stage, value);
  }
  return stage;
}

}  // namespace quadrant
