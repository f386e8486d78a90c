// SPDX-License-Identifier: MIT
// An input from opening to its output's final name. It is planned once, done in one part or, cut,
// in several, at once or one after another; whoever ends the last part puts the output together.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include "pipeline/batch/attempt.h"
#include "pipeline/batch/context.h"
#include "pipeline/batch/input_state.h"
#include "pipeline/batch/outline.h"
#include "pipeline/batch/output_file.h"
#include "pipeline/batch/segment_store.h"
#include "pipeline/batch/share.h"
#include "pipeline/execute/session.h"
#include "pipeline/media/stitch.h"

namespace quadrant {

// What a unit of an input is counted by; `part` is null for its opening.
int id_of(const Part* part);

class UnitProcess;

class InputWork {
 public:
  // `share`: of a planned run, what is done here; null: all of it.
  InputWork(BatchContext& context, InputState& state, const OutputRequest& request,
            const InputShare* share = nullptr)
      : context_(context), state_(state), request_(request), share_(share) {}

  // Opens and plans; the parts that are to be done, the heaviest first. None if the output is up to
  // date, or all parts were done by an earlier run and finish() is what is left, or the plan is for
  // another mode than `mode`: then it is set aside until begin() is called for that one.
  // `process`: opens it in place of this one, in whatever mode. May be called again after it
  // failed. Throws Error.
  std::vector<Part> begin(Mode mode, UnitProcess* process = nullptr);
  std::optional<Mode> set_aside_for() const { return set_aside_; }
  Mode mode() const { return outline_.mode; }  // once it has begun
  const std::string& input() const { return state_.input; }

  // Opens one part; null if the input has failed already. Throws Error.
  std::unique_ptr<Session> open(const Part& part);
  // Does one part in `process`, which has opened the input unless it is to do so now
  // (`open_first`). Throws Error.
  void make_in(UnitProcess& process, const Part& part, bool open_first, int cores,
               std::int64_t memory);
  std::string path(const Part& part) const;  // where it grows

  // The unit (a part, or begin() where it is null) failed; true: it is to be done again. Cleans up
  // after the try and takes back what it counted.
  bool tries_again(const Part* part, std::exception_ptr failure) noexcept;
  int tries(const Part* part) const;  // that were repeated so far

  // Of begin(), if it failed or gave no part.
  void begin_done(std::exception_ptr failure) noexcept;
  // Of a part; the last one finishes the input.
  void part_done(const Part& part, std::exception_ptr failure) noexcept;
  // What is left is not done any more.
  void close() noexcept;

  // The plan as text, with what a run would say of the output. Throws Error.
  std::string explain();
  // The plan of an input that other machines can read as well. Throws Error.
  std::shared_ptr<const Plan> plan_for_many();
  // All of a share that merges.
  void merge() noexcept;

 private:
  bool is_due() const;
  void tidy() noexcept;
  std::vector<Part> set_aside();
  void refuse_to_overwrite_input(const std::string& file) const;
  void refuse_foreign_pictures(const std::vector<std::string>& there) const;
  std::shared_ptr<const Plan> make_plan(const Input& input);
  void open_here();
  void open_in(UnitProcess& process);
  struct OpenOrder open_order() const;
  void adopt(const Outline& outline);
  std::vector<Part> parts();
  std::vector<Part> left_of(std::vector<Part> parts);
  void check_share() const;
  std::vector<Part> parts_of_share();
  void find_all_parts();
  void note_failure_of_share() noexcept;
  void check_part_of_share();
  bool hold_output();  // false: another run made it before this one had the lock
  bool merges() const { return share_ && share_->merges; }
  bool writes_output() const { return !share_ || share_->merges; }  // here, not in another run
  bool is_kept(const Part& part);
  void finish(std::exception_ptr failure) noexcept;
  void complete();
  void tell_damage();
  void tell_unplanned();
  PacketFiles packet_files() const;
  void keep(const Part& part);
  void grow();
  Stitcher& stitcher();
  void put_together();
  void put_together_isolated();
  void forget_pictures_but(const std::vector<std::string>& made) const;
  void fail_with(Fault fault, const std::string& what) noexcept;
  void end(Status status) noexcept;
  bool has_output() const;
  bool writes_pictures() const;  // several files, one a picture
  FrameHashes* hashes_of(const Part& part);
  std::shared_ptr<Attempt> new_attempt();
  void stop_watching();  // the opened input, while it is set aside
  void watch_again();
  // Null if the input has failed already. For who holds the lock.
  std::shared_ptr<Attempt> begin_attempt(const Part& part);
  int tries_locked(const Part* part) const;
  bool can_be_read_again() const;
  void clean_up_after(const Part* part) noexcept;
  // What failed, in its own words; for who holds the lock, or is the only one left.
  std::exception_ptr explained(const Part* part, std::exception_ptr failure) const noexcept;
  // With the command that does the unit alone, if that may help.
  std::exception_ptr reproducible(const Part* part, std::exception_ptr failure) const noexcept;

  BatchContext& context_;
  InputState& state_;
  const OutputRequest& request_;
  const InputShare* share_;
  JobKey key_;
  std::string identity_;  // of the input when it was opened
  Outline outline_;
  std::shared_ptr<const Plan> plan_;  // unless it lives in other processes
  std::optional<OutputFile> file_;    // none for an output that is only measured
  std::optional<SegmentStore> store_;

  std::mutex growing_mutex_;
  std::unique_ptr<Stitcher> stitcher_;  // of the output that grows

  mutable std::mutex mutex_;
  std::optional<Input> opened_;                       // by begin(), for the first part
  std::shared_ptr<Attempt> opening_;                  // that begin() is
  std::map<int, std::shared_ptr<Attempt>> attempts_;  // by unit, of those that are under way
  std::map<int, int> tries_;                          // by unit, that failed and were repeated
  std::map<int, FrameHashes> hashes_;                 // by segment
  std::map<int, std::string> kept_hashes_;
  std::set<std::string> whole_;  // parts, by path
  std::optional<Mode> set_aside_;
  std::size_t left_ = 0;
  std::exception_ptr failure_;
  bool ended_ = false;
};

}  // namespace quadrant
