// SPDX-License-Identifier: MIT
// What a run tells of itself while it works, for `quadrant status` of a directory of outputs: how
// far it is and how long the rest may take. It is written into the mark of every output that grows
// (left_overs.h), so it ends with it: no file, nothing to clean up, nothing where the file system
// has no extended attributes. A planned run's shards hold no output; RUN/ says it all.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/observe/time_left.h"
#include "pipeline/store/left_overs.h"

namespace quadrant {

struct RunNote {
  std::string run;  // name_of_this_process(): host, process, random number
  BatchTotals inputs;
  std::optional<std::pair<double, double>> seconds_left;
};
std::string to_text(const RunNote& note);

// Of the runs that write any of these outputs now, each once.
std::vector<RunNote> notes_in(const std::vector<OutputTrace>& traces);

// The note as last told, for an output that begins to grow before the next. Thread-safe.
class ToldNote {
 public:
  void set(std::string text);
  std::string text() const;  // empty: nothing was told yet

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

}  // namespace quadrant
