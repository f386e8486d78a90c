// SPDX-License-Identifier: MIT
// What every run is compared with: the hashes of one run that is obviously right.
//
// `sequential` takes strips through several stages, as all modes do, so it would agree with them
// even where a stage reads farther than it declares. The reference runs one frame at a time, uncut,
// each stage separately over the whole picture, so whatever a stage reads is intact. So if a point
// differs and its inputs agree, that point's stage is the cause.
//
// It keeps 8 bytes per tile, frame and point: some hundred bytes per stage and frame.
#pragma once

#include <map>
#include <mutex>

#include "pipeline/execute/observer.h"
#include "pipeline/verify/tap_points.h"

namespace quadrant {

class Reference final : public Observer {
 public:
  explicit Reference(const Plan& plan);

  void on_frame(int stage_index, std::int64_t pts, const View& rows) override;

  const std::vector<TapPoint>& points() const { return points_; }
  std::size_t index_of(int stage_index) const;  // in points()

  // Hashes of one picture, in the order of TapPoint::seen.
  using Hashes = std::vector<std::uint64_t>;
  // By time. Pictures of a damaged stream may share a time; their hashes tell them apart.
  using Pictures = std::map<std::int64_t, std::vector<Hashes>>;
  const Pictures& pictures(std::size_t index) const { return pictures_[index]; }

  bool knows(std::size_t index, std::int64_t pts, Rows rows, std::uint64_t hash) const;
  // Number of pictures before `pts` at this point.
  std::int64_t number_of(std::size_t index, std::int64_t pts) const;

 private:
  std::vector<TapPoint> points_;
  std::vector<Pictures> pictures_;  // by index of the point
  std::mutex mutex_;                // an async stage answers from another thread
};

}  // namespace quadrant
