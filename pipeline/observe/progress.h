// SPDX-License-Identifier: MIT
// The progress of a batch while it runs. One thread reads the counters now and then; the working
// threads never print and never wait for a terminal.
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
  std::string error;              // of a failed input
  long frames = 0, expected = 0;  // expected 0: unknown
  long kept = 0;                  // of `frames`, those that an earlier run made
  double seconds = 0;             // since its start
  long held = 0;                  // of `frames`, those that the encoder has not given back coded
  const void* id = nullptr;       // tells inputs of one name apart

  long coded() const { return frames - held; }
};

// Sums over the inputs that have ended so far.
struct EndedTotals {
  std::size_t done = 0, failed = 0, stopped = 0;  // up to date counts as done
  long frames = 0;                                // including those of earlier jobs
  std::size_t measured = 0;                       // inputs for which frames were made
  double made = 0;                                // the number of those frames
};

// A batch may have very many inputs: holds those in progress, and each ended input once.
struct BatchProgress {
  double seconds = 0;
  std::size_t inputs = 0;
  EndedTotals ended;
  std::vector<InputProgress> running;
  std::vector<InputProgress> news;  // ended since the last report
};

class Progress {
 public:
  virtual ~Progress() = default;
  virtual void show(const BatchProgress& now) = 0;    // a few times a second
  virtual void finish(const BatchProgress& now) = 0;  // once, at the end
};

enum class ProgressStyle { automatic, bar, plain, json, none };
// automatic: bar if standard error is a terminal that can draw over lines, otherwise plain.
// `verbose`: also one line for each input that is up to date.
std::unique_ptr<Progress> make_progress(ProgressStyle style, bool verbose = false);

}  // namespace quadrant
