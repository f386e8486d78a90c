// SPDX-License-Identifier: MIT
#include "pipeline/verify/places.h"

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

WatchedPlace whole_place(int place, std::string name, const Format& format) {
  return {.place = place,
          .name = std::move(name),
          .format = format,
          .tiles = {whole(format)},
          .seen = {whole(format)}};
}

WatchedPlace stage_place(const Step& step, std::size_t i, int stage) {
  const PlannedStage& s = step.stages[i];
  WatchedPlace place = whole_place(InputMeter::first_stage + stage - 1, s.name, s.out);
  place.stage = stage;
  if (step.way != Way::tile) return place;
  place.tiles.clear();
  for (const Rows strip : step.grid) place.tiles.push_back(rows_made(step, i, strip));
  add_once(place.seen, place.tiles);
  add_once(place.seen, strips_of(s.out));
  return place;
}

}  // namespace

std::string WatchedPlace::describe(Rows rows) const {
  if (rows == whole(format)) return "whole picture";
  const std::vector<Rows> strips = strips_of(format);
  const std::vector<Rows>& all = std::ranges::find(tiles, rows) != tiles.end() ? tiles : strips;
  const auto number = std::ranges::find(all, rows) - all.begin() + 1;
  return fmt::format("tile {} of {} (rows {} to {})", number, all.size(), rows.begin, rows.end - 1);
}

std::vector<WatchedPlace> watched_places(const Plan& plan) {
  std::vector<WatchedPlace> places{whole_place(InputMeter::decode, "decode", plan.source)};
  int stage = 0;
  for (const Step& step : plan.steps)
    for (std::size_t i = 0; i < step.stages.size(); ++i)
      places.push_back(stage_place(step, i, ++stage));
  places.push_back(whole_place(InputMeter::encode, "encode", places.back().format));
  return places;
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
