// SPDX-License-Identifier: MIT
// What is done of an input here, where several runs do its parts (`quadrant run RUN/ --shard I/N`)
// and another puts them together (`quadrant merge RUN/`). All of it was settled by `quadrant plan`.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pipeline/batch/journal.h"
#include "pipeline/batch/unit_records.h"
#include "pipeline/execute/session.h"

namespace quadrant {

struct InputShare {
  std::string input, output;
  JobKey key;                     // by shared_key(), when it was planned
  std::vector<Segment> segments;  // of all of the input, so that nobody has to read it for them
  std::vector<Part> parts;        // to be done here, or to be put together
  bool merges = false;
  std::string units;                     // directory of the finished parts
  std::shared_ptr<UnitRecords> records;  // what is told of them beside
};

}  // namespace quadrant
