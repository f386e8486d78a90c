// SPDX-License-Identifier: MIT
// An input on its way, from opening to its output's name:
//
//   open    what is there already is looked at, the input is opened and planned by a runner, the
//           output locked; the units that no earlier job has done are what is left to do
//   run     a unit, by a runner; several at once
//   finish  whoever ended the last unit puts the output together and names it, or tells why not
//
// It lives from the first to the last of these; what became of it stays in its InputState. When
// which of these is called is the scheduler's to say.
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
  // `share`: of a planned job, what is done here; null: all of it.
  InputRun(BatchContext& context, InputState& state, const InputShare* share, Runner& runner);

  // The units that are left to do; none where the output is up to date, or only finish() is left.
  // May be called again after it failed. Throws Error.
  std::vector<Unit> open();
  Mode mode() const { return outline_.mode; }  // once it is open
  void park();                                 // its units will not be begun for a while

  // Does a unit. Throws Error.
  void run(const Task& task);

  // A task of this input failed: what is told of it, and what may follow.
  struct Failure {
    std::exception_ptr what;
    bool may_pass = false;
    double pause_seconds = 0;  // before it is tried again
  };
  Failure failed(const Task& task, std::exception_ptr failure) noexcept;
  // It will be, or it will not: cleans up after the attempt.
  void tries_again(const Task& task, const Failure& failure) noexcept;
  void gives_up(const Task& task, const Failure& failure) noexcept;

  // Nothing is left to do, or nothing more is done. The status is final.
  void finish() noexcept;
  void stop() noexcept;  // the same, with what is left undone

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
  void tell_damage();
  void tell_unplanned();
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
  std::shared_ptr<Attempt> opening_;     // that open() was; its first unit goes on with it
  std::unique_ptr<InputRunner> runner_;  // what it opened listens to `opening_`
  Output output_;
  JobKey key_;            // of the output, by what this machine's files look like
  std::string identity_;  // of the input when it was opened
  Outline outline_;

  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Attempt>> attempts_;  // by id of the unit, under way
  std::map<int, std::string> hashes_;                         // by segment
  std::exception_ptr failure_;
  bool ended_ = false;
};

}  // namespace quadrant
