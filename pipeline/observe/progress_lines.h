// SPDX-License-Identifier: MIT
// What progress shows of each input and of the batch, and how it is laid out on a terminal.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/observe/progress.h"
#include "pipeline/observe/terminal.h"
#include "pipeline/observe/time_left.h"

namespace quadrant {

double frames_per_second(const InputProgress& input);  // coded by this run
std::string clock_text(double seconds);                // "1:02:03"

// Of an input under way, or of the batch.
struct Reading {
  std::string name;
  double done = 0, all = 0;  // frames; all 0: unknown
  double fps = 0;
  std::optional<double> left;  // seconds; none: nothing is known
  // All frames are coded; the file is being completed and read back.
  bool is_finishing() const { return all > 0 && done >= all; }
};
std::string left_text(const Reading& reading);  // "0:12 left"

// Takes readings a few times a second, and keeps what the time left is told from.
class Readings {
 public:
  void look(const BatchProgress& now);

  std::vector<Reading> inputs;
  Reading batch;
  BatchTotals totals;

 private:
  std::map<const void*, TimeLeft> times_;
  TimeLeft time_;
};

// A line for each input under way and, of more than one, for the batch of `inputs`. They are
// narrower than the terminal and leave its last row to the cursor.
std::vector<std::string> progress_lines(const Readings& readings, std::size_t inputs,
                                        const TerminalSize& size);

}  // namespace quadrant
