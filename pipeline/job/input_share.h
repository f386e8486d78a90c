// SPDX-License-Identifier: MIT
// What this job does of an input when several jobs do its units (`quadrant run RUN/ --shard I/N`)
// and another puts them together (`quadrant merge RUN/`). `quadrant plan` settled all of it.
#pragma once

#include <string>
#include <vector>

#include "pipeline/input_spec.h"
#include "pipeline/plan/unit.h"

namespace quadrant {

struct InputShare {
  InputSpec input;
  std::string output;
  JobKey key;                // from shared_key(), at planning time
  std::vector<Unit> units;   // all units of the input, so that nobody has to read it to find them
  std::vector<Unit> chosen;  // units to do here, or to put together
  bool merges = false;
  std::string directory;  // holds the finished units and their records
  std::string failures;   // holds the records of failed units
};

}  // namespace quadrant
