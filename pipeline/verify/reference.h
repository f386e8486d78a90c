// SPDX-License-Identifier: MIT
// What every run is compared with: the hashes of one run that is obviously right.
//
// `sequential` takes the strips of a picture through several stages, as all modes do, and would
// agree with them where a stage reads farther than it declares. The reference does not: one frame
// at a time, uncut, each stage by itself over the whole picture, so that it reads whatever it likes
// of an intact one. So a difference at a point whose inputs agree is that stage's.
//
// It keeps 8 bytes for each tile of each frame at each point, some hundred bytes a stage and frame.
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

  // Of one picture, in the order of TapPoint::seen.
  using Hashes = std::vector<std::uint64_t>;
  // By time. Pictures of a damaged stream may share one; they are told apart by what they show.
  using Pictures = std::map<std::int64_t, std::vector<Hashes>>;
  const Pictures& pictures(std::size_t index) const { return pictures_[index]; }

  bool knows(std::size_t index, std::int64_t pts, Rows rows, std::uint64_t hash) const;
  // How many pictures come before `pts` at this point.
  std::int64_t number_of(std::size_t index, std::int64_t pts) const;

 private:
  std::vector<TapPoint> points_;
  std::vector<Pictures> pictures_;  // by index of the point
  std::mutex mutex_;                // a stage that waits answers from another thread
};

}  // namespace quadrant
