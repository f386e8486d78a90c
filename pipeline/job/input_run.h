// SPDX-License-Identifier: MIT
// One input, from opening it to naming its output:
//
//   open    looks at an existing output, has a runner open and plan the input, and locks the
//           output; returns the units that no earlier job has done
//   run     has a runner do one unit; several at once
//   finish  after the last unit: puts the output together and names it, or records why not
//
// An InputRun lives from the first of these steps to the last; the result stays in its InputState.
// The scheduler decides when each step is called.
#pragma once

#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "pipeline/job/output.h"
#include "pipeline/job/scheduler.h"

namespace quadrant {

class InputRun {
 public:
  // `share`: what this job does of a planned job; null: everything.
  InputRun(BatchContext& context, InputState& state, const InputShare* share, Runner& runner);

  // The units left to do; none if the output is up to date, or if only finish() is left. After a
  // failure it may be called again. Throws Error.
  std::vector<Unit> open();
  Mode mode() const { return outline_.mode; }  // valid after open()
  void park();                                 // its units will not start for a while

  // Does a unit. Throws Error.
  void run(const Task& task);

  // A failed task of this input: the error to report, and whether it can be retried.
  struct Failure {
    std::exception_ptr what;
    bool may_pass = false;
    double pause_seconds = 0;  // before the retry
  };
  Failure failed(const Task& task, std::exception_ptr failure) noexcept;
  // Exactly one of these follows failed(). Both clean up after the attempt.
  void tries_again(const Task& task, const Failure& failure) noexcept;
  void gives_up(const Task& task, const Failure& failure) noexcept;

  // Ends the input once no task of it is left; its status is then final.
  void finish() noexcept;
  void stop() noexcept;  // the same, with units left undone

 private:
  std::vector<Unit> units_left();
  bool is_kept(const Unit& unit);
  void find_all_units();
  void adopt(const Opened& opened);
  void check_share() const;
  void check_unit_of_share();
  void begins();
  std::shared_ptr<Attempt> attempt_for(const Unit& unit);
  OpenOrder open_order() const;
  const JobKey& unit_key() const { return share_ ? share_->key : key_; }

  void complete();
  void take_hashes();
  Findings findings() const;
  void tell_damage();
  void tell_late_losses();
  void refuse_nothing() const;  // an output without a frame
  void fail_with(Fault fault, const std::string& what) noexcept;
  void end(Status status) noexcept;
  void record_failure() noexcept;

  std::exception_ptr explained(const Task& task, std::exception_ptr failure,
                               const Attempt* attempt) const noexcept;
  std::exception_ptr reproducible(const Task& task, std::exception_ptr failure) const noexcept;

  BatchContext& context_;
  InputState& state_;
  const InputShare* share_;
  Runner& runners_;
  std::shared_ptr<Attempt> opening_;     // made by open(); the first unit continues it
  std::unique_ptr<InputRunner> runner_;  // watches `opening_` for the stop
  Output output_;
  JobKey key_;            // of the output, from this machine's view of the files
  std::string identity_;  // of the input when it was opened
  Outline outline_;

  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Attempt>> attempts_;  // by id of the unit, in progress
  std::map<int, std::string> hashes_;                         // by segment
  std::map<int, Findings> findings_;  // by segment; -1: of opening the input
  std::exception_ptr failure_;
  bool ended_ = false;
};

}  // namespace quadrant
