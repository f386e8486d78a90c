// SPDX-License-Identifier: MIT
// A run's progress as `quadrant status` shows it for a directory of outputs: how much is done and
// how long the rest may take. It is written into the mark of every growing output (left_overs.h)
// and goes with it: no extra file, nothing to clean up, and nothing where the file system has no
// extended attributes. Shards of a planned run hold no output; RUN/ shows their progress.
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

// One note for each run that is writing any of these outputs now.
std::vector<RunNote> notes_in(const std::vector<OutputTrace>& traces);

// The last note, for an output that starts to grow before the next one. Thread-safe.
class ToldNote {
 public:
  void set(std::string text);
  std::string text() const;  // empty: not set yet

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

}  // namespace quadrant
