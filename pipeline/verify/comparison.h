// SPDX-License-Identifier: MIT
// Compares a run with the reference while it goes, and keeps the first difference at each tap point
// with its samples.
//
// "First" means by tap point, then by frame: what a stage makes depends only on the points before
// it, so the first point that differs is the culprit, and later points differ because of it. (By
// frame first, a stage with a window in time would be blamed for a neighbouring frame that another
// stage got wrong.)
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <set>

#include "pipeline/verify/reference.h"
#include "pipeline/verify/verify.h"

namespace quadrant {

// A difference from the reference.
struct Finding {
  using Kind = Difference::Kind;
  Kind kind = Kind::differs;
  std::size_t index = 0;  // of the tap point, in the reference's points()
  std::int64_t pts = 0;
  Rows rows;
  Samples samples;  // if kind is `differs`
};

class Comparison : public Observer {
 public:
  explicit Comparison(const Reference& reference)
      : reference_(reference), at_(reference.points().size()) {}

  void on_frame(int stage_index, std::int64_t pts, const View& rows) override;

  // Call at the end of the run. `grid` is how the run cut pictures: as planned, each stage in its
  // own strips, or not at all.
  enum class Grid { planned, strips, whole };
  void finish(Grid grid);

  const Reference& reference() const { return reference_; }
  // The first finding, or null.
  const Finding* first() const;
  // How many frames differ, are missing or are extra, by index of the tap point.
  std::vector<std::int64_t> differing_frames() const;

 private:
  struct At {
    std::map<std::int64_t, std::size_t> seen;  // number of tiles, by time
    std::set<std::int64_t> differing;          // times of frames
    std::optional<Finding> first;
  };
  void note(Finding finding, const View* rows);

  const Reference& reference_;
  std::mutex mutex_;
  std::vector<At> at_;  // by index of the tap point
};

// For the second run of the reference: also copies its samples for each difference found.
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
