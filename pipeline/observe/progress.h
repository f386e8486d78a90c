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

bool is_final(const InputProgress& input);

struct BatchProgress {
  double seconds = 0;
  std::vector<InputProgress> inputs;
};

class Progress {
 public:
  virtual ~Progress() = default;
  virtual void show(const BatchProgress& now) = 0;    // a few times a second
  virtual void finish(const BatchProgress& now) = 0;  // once, at the end
};

enum class ProgressStyle { automatic, bar, plain, json, none };
// automatic: bar if standard error is a terminal, else plain.
std::unique_ptr<Progress> make_progress(ProgressStyle style);

}  // namespace quadrant
