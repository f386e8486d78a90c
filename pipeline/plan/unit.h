// SPDX-License-Identifier: MIT
// A unit is what a runner does at once: a whole input that is not cut; for a cut input, one segment
// of its video or the rest (all other streams). A plan gives its units, and nothing else decides
// what is done. A unit is a value, the same in the plan file, in messages between processes and in
// the heads of packet files (unit_json.h is its only serialisation).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/media/segment.h"
#include "pipeline/plan/job_key.h"

namespace quadrant {

struct Plan;

struct Unit {
  enum class Kind { whole, segment, rest };

  Kind kind = Kind::whole;
  Segment segment;  // of Kind::segment; otherwise the whole input
  std::string id;   // hash of all that its bytes depend on: job, input, versions and segment
  double cost = 0;  // estimated million luma samples to decode and encode
  std::int64_t memory = 0;  // estimated bytes for its frames and codecs
  int threads = 0;          // that its encoder makes, in addition to the calling one

  bool has_video() const { return kind != Kind::rest; }
  int number() const { return segment.index + 1; }  // of a segment, for display
};

// "segment 3", "sound and other streams", "all of it".
std::string name_of(const Unit& unit);

Unit unit_of(const Segment& segment);
Unit rest_unit();

std::string id_of(const Unit& unit, const JobKey& key);
// All units of a plan: one, or its segments in order of time followed by the rest.
std::vector<Unit> units_of(const Plan& plan, const JobKey& key);
// The segments of the video units, so that nobody has to find them again.
std::vector<Segment> segments_of(const std::vector<Unit>& units);

}  // namespace quadrant
