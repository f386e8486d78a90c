// SPDX-License-Identifier: MIT
// The units an executor is given: inputs to be opened, and the parts of those that were cut. An
// input becomes parts only when it is opened, and a unit that failed may come back, so whoever asks
// may have to wait for somebody who is at work.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "pipeline/batch/input_work.h"
#include "pipeline/execute/executor.h"

namespace quadrant {

class BatchUnits;

// What of the machine an isolated unit may use.
struct UnitShare {
  int cores = 1;
  std::int64_t memory = 0;  // bytes for frames in flight
};

// Begins as an input to be opened, or as a part of one; an opened input goes on as its first part.
class BatchUnit final : public Unit {
 public:
  BatchUnit(BatchUnits& units, InputWork& work, std::optional<Part> part)
      : units_(units), work_(work), part_(std::move(part)) {}

  std::unique_ptr<Session> open() override;
  std::string part_path() const override { return work_.path(*part_); }
  void done(std::exception_ptr failure) noexcept override;
  // In place of open() and what an executor does then: in a process of its own. `share` is asked
  // once the unit is opened, and with it what else there is to do. What failed, if anything did.
  std::exception_ptr run_isolated(const std::function<UnitShare(Mode)>& share) noexcept;

 private:
  void settle_part(UnitProcess* process);

  BatchUnits& units_;
  InputWork& work_;
  std::optional<Part> part_;
};

class BatchUnits final : public Units {
 public:
  // The inputs that run in `mode`; others are set aside when their plan tells.
  BatchUnits(BatchContext& context, std::vector<InputWork*> works, Mode mode)
      : context_(context), works_(std::move(works)), mode_(mode) {}

  // The heaviest part that is known; else the next input, to be opened. Thread-safe.
  std::unique_ptr<Unit> next() override { return next_unit(); }
  std::unique_ptr<BatchUnit> next_unit();
  // How many units are known that wait, or are just being opened.
  int others();

 private:
  friend class BatchUnit;
  struct Waiting {
    InputWork* work;
    std::optional<Part> part;  // none: the input is to be opened
    double not_before = 0;     // wall_seconds()
  };
  std::unique_ptr<BatchUnit> next_known();
  std::unique_ptr<BatchUnit> begun(Waiting waiting);
  void opened(InputWork& work, std::vector<Part> parts);
  void again(Waiting waiting);
  void ended();
  void add(Waiting waiting);

  BatchContext& context_;
  const std::vector<InputWork*> works_;
  const Mode mode_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Waiting> waiting_;  // the heaviest last
  std::size_t next_ = 0;          // input
  int opening_ = 0, running_ = 0;
};

}  // namespace quadrant
