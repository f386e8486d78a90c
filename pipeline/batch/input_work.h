// SPDX-License-Identifier: MIT
// An input from opening to its output's final name. It is planned once, done in one part or, cut,
// in several, at once or one after another; whoever ends the last part puts the output together.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "pipeline/batch/context.h"
#include "pipeline/batch/input_state.h"
#include "pipeline/batch/output_file.h"
#include "pipeline/batch/segment_store.h"
#include "pipeline/batch/share.h"
#include "pipeline/execute/session.h"

namespace quadrant {

class InputWork {
 public:
  // `share`: of a planned run, what is done here; null: all of it.
  InputWork(BatchContext& context, InputState& state, const OutputRequest& request,
            const InputShare* share = nullptr)
      : context_(context), state_(state), request_(request), share_(share) {}

  // Opens and plans; the parts that are to be done, the heaviest first. None if the output is up to
  // date, or all parts were done by an earlier run and finish() is what is left, or the plan is for
  // another mode than `mode`: then it is set aside until begin() is called for that one. Throws
  // Error.
  std::vector<Part> begin(Mode mode);
  std::optional<Mode> set_aside_for() const { return set_aside_; }

  // Opens one part; null if the input has failed already. Throws Error.
  std::unique_ptr<Session> open(const Part& part);
  std::string path(const Part& part) const;  // where it grows

  // Of begin(), if it failed or gave no part.
  void finish(std::exception_ptr failure) noexcept;
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
  void plan_input();
  std::vector<Part> set_aside();
  void refuse_to_overwrite_input(const std::string& file) const;
  void refuse_foreign_pictures(const std::vector<std::string>& there) const;
  std::shared_ptr<const Plan> make_plan(const Input& input);
  std::vector<Part> parts();
  void check_share() const;
  std::vector<Part> parts_of_share();
  void find_all_parts();
  void note_failure_of_share() noexcept;
  void check_part_of_share();
  bool merges() const { return share_ && share_->merges; }
  bool writes_output() const { return !share_ || share_->merges; }  // here, not in another run
  bool is_kept(const Part& part);
  void complete();
  void tell_damage();
  void tell_unplanned();
  void put_together();
  void forget_pictures_but(const std::vector<std::string>& made) const;
  void fail_with(Fault fault, const std::string& what) noexcept;
  void end(Status status) noexcept;
  bool has_output() const;
  bool writes_pictures() const;  // several files, one a picture
  FrameHashes* hashes_of(const Part& part);

  BatchContext& context_;
  InputState& state_;
  const OutputRequest& request_;
  const InputShare* share_;
  JobKey key_;
  std::string identity_;  // of the input when it was opened
  std::shared_ptr<const Plan> plan_;
  std::optional<OutputFile> file_;  // none for an output that is only measured
  std::optional<SegmentStore> store_;

  std::mutex mutex_;
  std::optional<Input> opened_;        // by begin(), for the first part
  std::map<int, FrameHashes> hashes_;  // by segment
  std::map<int, std::string> kept_hashes_;
  std::optional<Mode> set_aside_;
  std::size_t left_ = 0;
  std::exception_ptr failure_;
  bool ended_ = false;
};

}  // namespace quadrant
