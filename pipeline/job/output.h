// SPDX-License-Identifier: MIT
// The output of one input, from its lock to its name. An existing file is up to date, may be
// replaced, or is left alone. The new one is locked while it is made, grows as units finish, and is
// put together, read back (media/verify.h), recorded in the journal and named.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pipeline/job/context.h"
#include "pipeline/job/input_share.h"
#include "pipeline/runners/runner.h"
#include "pipeline/store/output_file.h"
#include "pipeline/store/unit_store.h"

namespace quadrant {

class Output {
 public:
  // `share`: what this job does of a planned job; null: everything.
  Output(BatchContext& context, InputState& input, const InputShare* share);

  // False if only another job, which merges, writes it, or if there is no file to write.
  bool is_written_here() const { return writes_ && (!share_ || share_->merges); }

  // False: what is there is up to date; then what it lost is told as when it was made. Throws Error
  // where it must not be replaced: only what a run of this job made of this input, and nobody
  // changed since, is replaced without --overwrite.
  bool is_due(const JobKey& key);
  // Takes the lock; false: another job made it before this one had it. Throws Error.
  bool hold(const JobKey& key);
  bool is_held() const { return file_.has_value(); }
  // Removes what an earlier job left behind if it was killed right after naming the output.
  void tidy(const JobKey& key) noexcept;

  // Sets the output's units. The unit of an input that is not cut here grows as the output itself.
  void has_units(const std::vector<Unit>& units, const JobKey& key);
  // What an earlier job has done of a unit; nothing if it has not.
  std::optional<UnitStore::Found> find(const Unit& unit, bool with_hashes) const;
  void is_there(const Unit& unit);  // the unit is complete, so it need not be done

  // The path at which the unit grows, and the head of its packet file.
  UnitOrder order(const Unit& unit) const;
  void prepare(const Unit& unit) noexcept;  // for another attempt: removes what the last one left
  // The unit is complete: names it, and appends all units that can follow to the output.
  void keep(const Unit& unit, InputRunner& runner);

  // Call when all units are complete. Throws Error.
  void put_together(InputRunner& runner, Attempt& attempt);
  void complete(const JobKey& key);  // gives the output its name
  void discard() noexcept;           // removes what was made of it
  void release() noexcept;           // frees the lock

 private:
  void refuse_dangling_link() const;
  void refuse_to_overwrite_input(const std::string& file) const;
  void take_from_journal(const Journals::Entry& entry) const;
  std::string foreign(const Journals::Entry& entry) const;
  std::string change(const Journals::Entry& entry, const JobKey& key) const;
  void refuse_foreign_pictures(const std::vector<std::string>& there) const;
  void forget_pictures_but(const std::vector<std::string>& made) const;
  StitchOrder stitch_order() const;

  BatchContext& context_;
  InputState& input_;
  const InputShare* share_;
  bool writes_, pictures_;
  std::string replaced_;            // identity() of what is replaced without --overwrite
  std::optional<OutputFile> file_;  // none for standard output, or if it is only measured
  std::optional<UnitStore> store_;  // none if the input is not cut here
  std::vector<Unit> units_;

  std::mutex growing_mutex_;
  std::mutex mutex_;
  std::set<std::string> whole_;  // paths of the complete units
};

}  // namespace quadrant
