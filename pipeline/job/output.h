// SPDX-License-Identifier: MIT
// The output of an input, from its lock to its name. What is there already is up to date, or may be
// replaced, or is left alone; the new one is locked while it is made, grows as its units end, is
// put together, read again (media/verify.h), remembered in the journal and named.
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
  // `share`: of a planned job, what is done here; null: all of it.
  Output(BatchContext& context, InputState& input, const InputShare* share);

  // Is it this job that writes it, and not another one that merges? And is there anything to write?
  bool is_written_here() const { return writes_ && (!share_ || share_->merges); }

  // False: what is there is up to date; then what it lost is told as when it was made. Throws Error
  // where it must not be replaced: only what a run of this job made of this input, and nobody
  // changed since, is replaced without --overwrite.
  bool is_due(const JobKey& key);
  // Takes the lock; false: another job made it before this one had it. Throws Error.
  bool hold(const JobKey& key);
  bool is_held() const { return file_.has_value(); }
  // Removes what an earlier job may have left of it that was killed when it had its name.
  void tidy(const JobKey& key) noexcept;

  // From here on these are its units. One that is not cut here grows as the output itself.
  void has_units(const std::vector<Unit>& units, const JobKey& key);
  // What an earlier job has done of a unit; nothing if it has not.
  std::optional<UnitStore::Found> find(const Unit& unit, bool with_hashes) const;
  void is_there(const Unit& unit);  // so it need not be done

  // Where the unit grows, and with which head.
  UnitOrder order(const Unit& unit) const;
  void prepare(const Unit& unit) noexcept;  // for another attempt: what the last one left goes
  // The unit is whole: it gets its name, and what is whole by now goes into the output.
  void keep(const Unit& unit, InputRunner& runner);

  // All units are whole. Throws Error.
  void put_together(InputRunner& runner, Attempt& attempt);
  void complete(const JobKey& key);  // to its name
  void discard() noexcept;           // what was made of it
  void release() noexcept;           // the lock

 private:
  bool writes_pictures() const;  // several files, one a picture
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
  std::optional<OutputFile> file_;  // none for an output that is only measured
  std::optional<UnitStore> store_;  // none for one that is not cut here
  std::vector<Unit> units_;

  std::mutex growing_mutex_;
  std::mutex mutex_;
  std::set<std::string> whole_;  // units, by path
};

}  // namespace quadrant
