// SPDX-License-Identifier: MIT
// How far a batch is, while it runs. One thread looks at the counters now and then; the threads
// that work never print and never wait for a terminal.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace quadrant {

struct InputProgress {
  std::string name;
  std::string status;             // waiting, running, done, up-to-date, failed, stopped
  std::string error;              // final words of a failed input
  long frames = 0, expected = 0;  // expected 0: unknown
  long kept = 0;                  // of frames, what an earlier run had done
  double seconds = 0;             // since it began
};

// Sums over the inputs that ended so far.
struct EndedTotals {
  std::size_t done = 0, failed = 0, stopped = 0;  // up to date is done
  long frames = 0;                                // with what an earlier job had done
  std::size_t measured = 0;                       // inputs of which frames were made
  double made = 0;                                // those frames
};

// A batch may have very many inputs: told are those that are under way, and each that ended once.
struct BatchProgress {
  double seconds = 0;
  std::size_t inputs = 0;
  EndedTotals ended;
  std::vector<InputProgress> running;
  std::vector<InputProgress> news;  // ended since this was last told
};

class Progress {
 public:
  virtual ~Progress() = default;
  virtual void show(const BatchProgress& now) = 0;    // a few times a second
  virtual void finish(const BatchProgress& now) = 0;  // once, at the end
};

enum class ProgressStyle { automatic, bar, plain, json, none };
// automatic: bar if standard error is a terminal, else plain. `verbose`: a line for each input that
// is up to date, too.
std::unique_ptr<Progress> make_progress(ProgressStyle style, bool verbose = false);

}  // namespace quadrant
