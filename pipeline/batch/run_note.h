// SPDX-License-Identifier: MIT
// What a run tells of itself while it works, for `quadrant status` of a directory of outputs: how
// far it is and how long the rest may take. It is written into the mark of every output that grows
// (left_overs.h), so it ends with it: no file, nothing to clean up, nothing where the file system
// has no extended attributes.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/batch/left_overs.h"
#include "pipeline/observe/time_left.h"

namespace quadrant {

class Batch;

struct RunNote {
  std::string run;  // name_of_this_process(): host, process, random number
  BatchTotals inputs;
  std::optional<std::pair<double, double>> seconds_left;
};

// Called now and then with a batch's progress. A planned run's shards leave none: RUN/ says it all.
void leave_note(const Batch& batch, const RunNote& note) noexcept;
// Of the runs that write any of these outputs now, each once.
std::vector<RunNote> notes_in(const std::vector<OutputTrace>& traces);

}  // namespace quadrant
