// SPDX-License-Identifier: MIT
// What is done of an input here, where several jobs do its units (`quadrant run RUN/ --shard I/N`)
// and another puts them together (`quadrant merge RUN/`). All of it was settled by `quadrant plan`.
#pragma once

#include <string>
#include <vector>

#include "pipeline/plan/unit.h"

namespace quadrant {

struct InputShare {
  std::string input, output;
  JobKey key;                // by shared_key(), when it was planned
  std::vector<Unit> units;   // of all of the input, so that nobody has to read it for them
  std::vector<Unit> chosen;  // to be done here, or to be put together
  bool merges = false;
  std::string directory;  // of the finished units and their records
  std::string failures;   // of the records of units that failed
};

}  // namespace quadrant
