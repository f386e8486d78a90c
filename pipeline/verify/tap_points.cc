// SPDX-License-Identifier: MIT
#include "pipeline/verify/tap_points.h"

#include <algorithm>

#include "pipeline/contract/view.h"
#include "pipeline/execute/tile_step.h"
#include "pipeline/media/frame_hash.h"
#include "pipeline/observe/meter.h"

namespace quadrant {
namespace {

Rows whole(const Format& format) { return {0, format.height}; }

void add_once(std::vector<Rows>& all, const std::vector<Rows>& more) {
  for (const Rows rows : more)
    if (std::ranges::find(all, rows) == all.end()) all.push_back(rows);
}

TapPoint whole_point(int stage_index, std::string name, const Format& format) {
  return {.stage_index = stage_index,
          .name = std::move(name),
          .format = format,
          .tiles = {whole(format)},
          .seen = {whole(format)}};
}

TapPoint stage_point(const Step& step, std::size_t i, int stage) {
  const PlannedStage& s = step.stages[i];
  TapPoint point = whole_point(InputMeter::first_stage + stage - 1, s.name, s.out);
  point.stage = stage;
  if (step.processing != Processing::tile) return point;
  point.tiles.clear();
  for (const Rows strip : step.grid) point.tiles.push_back(rows_made(step, i, strip));
  add_once(point.seen, point.tiles);
  add_once(point.seen, strips_of(s.out));
  return point;
}

}  // namespace

std::string TapPoint::describe(Rows rows) const {
  if (rows == whole(format)) return "whole picture";
  const std::vector<Rows> strips = strips_of(format);
  const std::vector<Rows>& all = std::ranges::find(tiles, rows) != tiles.end() ? tiles : strips;
  const auto number = std::ranges::find(all, rows) - all.begin() + 1;
  return fmt::format("tile {} of {} (rows {} to {})", number, all.size(), rows.begin, rows.end - 1);
}

std::vector<TapPoint> tap_points(const Plan& plan) {
  std::vector<TapPoint> points{whole_point(InputMeter::decode, "decode", plan.source)};
  int stage = 0;
  for (const Step& step : plan.steps)
    for (std::size_t i = 0; i < step.stages.size(); ++i)
      points.push_back(stage_point(step, i, ++stage));
  points.push_back(whole_point(InputMeter::encode, "encode", points.back().format));
  return points;
}

Samples copy_of(const View& rows) {
  Samples samples;
  for (int p = 0; p < rows.planes(); ++p) samples.push_back(rows.plane(p).clone());
  return samples;
}

std::uint64_t hash_of(const View& rows) {
  QuickHash hash;
  for (int p = 0; p < rows.planes(); ++p) {
    const cv::Mat plane = rows.plane(p);
    for (int y = 0; y < plane.rows; ++y)
      hash.add(plane.ptr(y), plane.elemSize() * static_cast<std::size_t>(plane.cols));
  }
  return hash.value();
}

}  // namespace quadrant
