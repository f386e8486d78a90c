// SPDX-License-Identifier: MIT
// An input of which several runs do the parts: what differs from doing it all here.
#include <algorithm>
#include <filesystem>

#include "pipeline/batch/canonical_job.h"
#include "pipeline/batch/content.h"
#include "pipeline/batch/input_work.h"

namespace quadrant {

namespace fs = std::filesystem;

std::shared_ptr<const Plan> InputWork::plan_for_many() {
  const bool readable_again =
      !content_of(state_.input).empty() || (!fs::exists(state_.input) && state_.input != "-" &&
                                            state_.input.find("://") == std::string::npos);
  if (!readable_again)
    fail(Fault::input,
         "{}: cannot be planned: another machine could not tell that it reads the same; copy it to "
         "a file",
         state_.input);
  return make_plan(Input(state_.input, context_.stop));
}

// Units of two versions of anything would not fit together.
void InputWork::check_share() const {
  const JobKey now =
      shared_key(canonical_job(context_.job, content_of), share_->input, share_->output);
  if (const std::string changed = share_->key.difference(now); !changed.empty())
    fail(Fault::input, "{}: {} since it was planned; plan it again into another directory",
         state_.input, now.known() ? changed : "it went away or cannot be read");
}

std::vector<Part> InputWork::parts_of_share() {
  store_.emplace(SegmentStore::Shared{share_->units}, share_->key);
  state_.segments = static_cast<int>(std::max<std::size_t>(1, share_->segments.size()));
  if (merges()) {
    find_all_parts();
    return {};
  }
  store_->create();
  std::vector<Part> todo = left_of(share_->parts);
  if (todo.empty()) end(Status::up_to_date);
  return todo;
}

// A part that has its name is good for every later run, so what a whole input is asked at its end
// each part is asked here.
void InputWork::check_part_of_share() {
  if (identity(state_.input) != identity_)
    fail(Fault::input, "{}: changed while it was read", state_.input);
  if (context_.options.strict) tell_damage();
}

void InputWork::find_all_parts() {
  for (const Part& part : share_->parts) {
    const std::optional<SegmentStore::Found> found = store_->find(part, false);
    if (!found || !found->redo.empty())
      state_.lacking[store_->id(part)] = found ? found->redo : "it is missing";
    else
      state_.meter.frames_out += found->pictures;
  }
  if (!state_.lacking.empty())
    fail(Fault::incomplete, "{}: {} of {} units are missing or damaged", state_.input,
         state_.lacking.size(), share_->parts.size());
}

void InputWork::merge() noexcept {
  std::exception_ptr failure;
  try {
    begin(context_.options.mode);
  } catch (...) {
    failure = std::current_exception();
  }
  finish(failure);
}

// Each unit of the share that is not there: whoever looks shall see why.
void InputWork::note_failure_of_share() noexcept {
  if (merges()) return;
  const SegmentStore store(SegmentStore::Shared{share_->units}, share_->key);
  std::error_code ignored;
  for (const Part& part : share_->parts)
    if (!fs::exists(store.path(part), ignored))
      share_->records->failed(store.id(part), state_.error);
}

}  // namespace quadrant
