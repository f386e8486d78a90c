// SPDX-License-Identifier: MIT
// The units an executor is given: inputs to be opened, and the parts of those that were cut. An
// input becomes parts only when it is opened, so whoever asks may have to wait for somebody who is
// opening.
#pragma once

#include <condition_variable>
#include <mutex>
#include <vector>

#include "pipeline/batch/input_work.h"
#include "pipeline/execute/executor.h"

namespace quadrant {

class BatchUnits final : public Units {
 public:
  // The inputs that run in `mode`; others are set aside when their plan tells.
  BatchUnits(BatchContext& context, std::vector<InputWork*> works, Mode mode)
      : context_(context), works_(std::move(works)), mode_(mode) {}

  // The heaviest part that is known; else the next input, to be opened. Thread-safe.
  std::unique_ptr<Unit> next() override;

 private:
  class BatchUnit;
  struct Waiting {
    InputWork* work;
    Part part;
  };
  void opened(InputWork& work, std::vector<Part> parts);

  BatchContext& context_;
  const std::vector<InputWork*> works_;
  const Mode mode_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Waiting> waiting_;
  std::size_t next_ = 0;  // input
  int opening_ = 0;
};

}  // namespace quadrant
