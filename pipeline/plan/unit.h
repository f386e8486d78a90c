// SPDX-License-Identifier: MIT
// A unit: what is done at one go of an input. The whole of one that is not cut; of a cut one each
// segment of its video, and the rest (all other streams). It is a value: a plan gives its units,
// nothing else decides what is done, and they are the same in the plan file, in messages between
// processes and in the heads of packet files (unit_json.h is the one serialisation).
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
  Segment segment;          // of Kind::segment; else all of the input
  std::string id;           // of what its bytes depend on: job, input, versions and stretch
  double cost = 0;          // million samples of luma that are decoded and encoded, as an estimate
  std::int64_t memory = 0;  // bytes for its frames and codecs at once, as an estimate
  int threads = 0;          // that its encoder brings beside the one that calls it

  bool has_video() const { return kind != Kind::rest; }
  int number() const { return segment.index + 1; }  // of a segment, for people
};

// "segment 3", "sound and other streams", "all of it".
std::string name_of(const Unit& unit);

Unit unit_of(const Segment& segment);
Unit rest_unit();

std::string id_of(const Unit& unit, const JobKey& key);
// All units of a plan: one, or its segments in order of time and then the rest.
std::vector<Unit> units_of(const Plan& plan, const JobKey& key);
// Those of the video, so that nobody has to look for them again.
std::vector<Segment> segments_of(const std::vector<Unit>& units);

// Bytes that the program and its libraries take beside any unit's own.
constexpr std::int64_t program_memory = 96 << 20;

}  // namespace quadrant
