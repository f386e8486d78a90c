// SPDX-License-Identifier: MIT
// The units an executor is given: inputs to be opened, and the parts of those that were cut. An
// input becomes parts only when it is opened, and a unit that failed may come back, so whoever asks
// may have to wait for somebody who is at work.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "pipeline/batch/input_work.h"
#include "pipeline/execute/executor.h"

namespace quadrant {

class BatchUnits final : public Units {
 public:
  BatchUnits(BatchContext& context, std::deque<InputWork>& works)
      : context_(context), works_(works) {}

  // The heaviest part that is known; else the next input, to be opened. Thread-safe.
  std::unique_ptr<Unit> next() override;

 private:
  class BatchUnit;
  struct Waiting {
    InputWork* work;
    std::optional<Part> part;  // none: the input is to be opened
    double not_before = 0;     // wall_seconds()
  };
  std::unique_ptr<Unit> next_known();
  std::unique_ptr<Unit> begun(Waiting waiting);
  void opened(InputWork& work, std::vector<Part> parts);
  void again(Waiting waiting);
  void ended();
  void add(Waiting waiting);

  BatchContext& context_;
  std::deque<InputWork>& works_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Waiting> waiting_;  // the heaviest last
  std::size_t next_ = 0;          // input
  int opening_ = 0, running_ = 0;
};

}  // namespace quadrant
