// SPDX-License-Identifier: MIT
// Compares a run with the reference while it goes, and keeps of each point the first difference
// with its samples.
//
// First is counted by point, then by frame: what a stage makes depends on the points before it and
// on nothing after, so the first point that differs is the culprit, and what differs behind it
// differs because of it. (By frame first, a stage with a window in time would be blamed for a
// neighbour that another stage got wrong.)
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <set>

#include "pipeline/verify/reference.h"
#include "pipeline/verify/verify.h"

namespace quadrant {

// Something that is not as in the reference.
struct Finding {
  using Kind = Difference::Kind;
  Kind kind = Kind::differs;
  std::size_t index = 0;  // of the point, among the reference's
  std::int64_t pts = 0;
  Rows rows;
  Samples samples;  // if it differs
};

class Comparison : public Observer {
 public:
  explicit Comparison(const Reference& reference)
      : reference_(reference), at_(reference.points().size()) {}

  void on_frame(int stage_index, std::int64_t pts, const View& rows) override;

  // When the run is at its end. How pictures were cut in it: as planned, each stage in strips of
  // its own, or not at all.
  enum class Grid { planned, strips, whole };
  void finish(Grid grid);

  const Reference& reference() const { return reference_; }
  // The first, if any.
  const Finding* first() const;
  // How many frames differ, are missing or too many, by index of the point.
  std::vector<std::int64_t> differing_frames() const;

 private:
  struct At {
    std::map<std::int64_t, std::size_t> seen;  // tiles, by time
    std::set<std::int64_t> differing;          // times
    std::optional<Finding> first;
  };
  void note(Finding finding, const View* rows);

  const Reference& reference_;
  std::mutex mutex_;
  std::vector<At> at_;  // by index of the point
};

// The same for a second run of the reference itself: copies what it makes of the samples that
// differed.
class SecondLook final : public Comparison {
 public:
  using Comparison::Comparison;
  void want(const Finding& finding);  // before the run
  void on_frame(int stage_index, std::int64_t pts, const View& rows) override;
  const Samples* found(const Finding& finding) const;  // null: not seen

 private:
  struct Key {
    std::size_t index;
    std::int64_t pts;
    int begin, end;  // rows
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  static Key key_of(const Finding& f) { return {f.index, f.pts, f.rows.begin, f.rows.end}; }
  std::map<Key, Samples> wanted_;
};

}  // namespace quadrant
