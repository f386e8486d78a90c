// SPDX-License-Identifier: MIT
#include "pipeline/job/input_run.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <limits>

#include "pipeline/counted.h"
#include "pipeline/failure.h"
#include "pipeline/job/damage.h"
#include "pipeline/media/standard_output.h"
#include "pipeline/observe/trace.h"
#include "pipeline/store/identity.h"

namespace quadrant {
namespace {

// framemd5 begins with lines that describe the stream; one copy is enough.
std::string without_head(const std::string& text) {
  std::size_t at = 0;
  while (at < text.size() && text[at] == '#') at = text.find('\n', at) + 1;
  return text.substr(at);
}

// Places in findings_. The rest comes last.
constexpr int of_opening = -1;
int place_of(const Unit& unit) {
  return unit.kind == Unit::Kind::rest ? std::numeric_limits<int>::max() : unit.segment.index;
}

}  // namespace

InputRun::InputRun(BatchContext& context, InputState& state, const InputShare* share,
                   Runner& runner)
    : context_(context),
      state_(state),
      share_(share),
      runners_(runner),
      output_(context, state, share) {}

// --- open

void InputRun::begins() {
  if (state_.status == Status::running) return;
  state_.began = wall_seconds();
  if (state_.becomes(Status::running)) context_.roster.begins(state_);
}

void InputRun::park() {
  runner_->park();
  state_.began = 0;
  if (state_.becomes(Status::waiting)) context_.roster.waits(state_);
}

std::vector<Unit> InputRun::open() {
  begins();
  key_ = job_key(context_.canonical_job, state_.spec());
  if (share_) check_share();
  if (!output_.is_due(key_)) {
    output_.tidy(key_);
    end(Status::up_to_date);
    return {};
  }
  identity_ = identity(state_.spec());
  runner_.reset();
  opening_ = std::make_shared<Attempt>(context_.stop, state_.meter, state_.stalled);
  runner_ = runners_.input(open_order(), state_.observer);
  {
    const StallDetector::Watching watching(context_.stalls ? &*context_.stalls : nullptr,
                                           *opening_);
    adopt(runner_->open(*opening_));
  }
  if (!output_.hold(key_)) {
    end(Status::up_to_date);
    return {};
  }
  return units_left();
}

OpenOrder InputRun::open_order() const {
  return {.job = context_.job.text,
          .input = state_.spec(),
          .output = state_.output,
          .mode = context_.options.mode,
          .resources = context_.resources,
          .key = unit_key(),
          .segments = share_ ? segments_of(share_->units) : std::vector<Segment>{}};
}

void InputRun::adopt(const Opened& opened) {
  outline_ = opened.outline;
  findings_[of_opening] = {.reading = opened.reading};
  state_.mode = outline_.mode;
  state_.mode_reason = outline_.mode_reason;
  state_.losses = outline_.losses;
  state_.notes = outline_.notes;
  state_.plan = context_.shared_plan(outline_.graph);
  state_.expected_frames = outline_.expected_frames;
  if (context_.options.strict && !outline_.losses.empty())
    fail(Fault::input, "{}: --strict, and the output cannot keep all: {}", state_.input,
         fmt::join(outline_.losses, "; "));
}

// The units that no earlier job has done.
std::vector<Unit> InputRun::units_left() {
  if (share_) outline_.units = share_->units;
  output_.has_units(outline_.units, unit_key());
  state_.segments = std::max(1, static_cast<int>(segments_of(outline_.units).size()));
  if (share_ && share_->merges) {
    find_all_units();
    return {};
  }
  std::vector<Unit> left = share_ ? share_->chosen : outline_.units;
  std::int64_t expected = 0;
  for (const Unit& unit : left) expected += unit.segment.pictures;
  if (outline_.is_cut()) state_.expected_frames = expected;
  std::erase_if(left, [this](const Unit& unit) { return is_kept(unit); });
  if (share_ && left.empty()) end(Status::up_to_date);
  return left;
}

// Did an earlier job do the unit, for the same configuration and input?
bool InputRun::is_kept(const Unit& unit) {
  const std::optional<UnitStore::Found> found = output_.find(unit, context_.options.keep_hashes);
  if (!found) return false;
  if (!found->redo.empty()) {
    state_.reprocessed.push_back(fmt::format("{}: {}", name_of(unit), found->redo));
    return false;
  }
  output_.is_there(unit);
  findings_[place_of(unit)] = found->findings;
  if (!unit.has_video()) return true;
  ++state_.segments_kept;
  state_.meter.frames_out += found->pictures;
  state_.meter.frames_kept += found->pictures;
  hashes_[unit.segment.index] = found->hashes;
  return true;
}

// --- planned jobs

// Units from different versions of the configuration, input or program would not fit together.
void InputRun::check_share() const {
  const JobKey now =
      shared_key(canonical_job(context_.job, content_of), share_->input, share_->output);
  if (const std::string changed = share_->key.difference(now); !changed.empty())
    fail(Fault::input, "{}: {} since it was planned; plan it again into another directory",
         state_.input, now.known() ? changed : "it is missing, or cannot be read,");
}

void InputRun::find_all_units() {
  for (const Unit& unit : share_->units) {
    const std::optional<UnitStore::Found> found = output_.find(unit, false);
    if (!found || !found->redo.empty()) {
      state_.lacking[unit.id] = found ? found->redo : "it is missing";
      continue;
    }
    findings_[place_of(unit)] = found->findings;
    state_.meter.frames_out += found->pictures;
  }
  if (!state_.lacking.empty())
    fail(Fault::incomplete, "{}: {} of {} missing or damaged", state_.input, state_.lacking.size(),
         counted(std::ssize(share_->units), "unit"));
}

// Every later job reuses a unit once it has its name, so the checks made at the end of a whole
// input are made here for each unit.
void InputRun::check_unit_of_share() {
  if (identity(state_.spec()) != identity_)
    fail(Fault::input, "{}: changed while it was read", state_.input);
  if (context_.options.strict) tell_damage();
}

// Records the error for each missing unit of the share, so that `status` can show why.
void InputRun::record_failure() noexcept {
  if (!share_ || share_->merges) return;
  const UnitStore store = UnitStore::shared(share_->directory, share_->key);
  for (const Unit& unit : share_->chosen)
    if (!is_there(store.path(unit)))
      write_record(share_->failures, unit.id, {.host = host_name(), .error = state_.error});
}

// --- run

std::shared_ptr<Attempt> InputRun::attempt_for(const Unit& unit) {
  const std::lock_guard lock(mutex_);
  begins();
  std::shared_ptr<Attempt> attempt =
      opening_ ? std::move(opening_)
               : std::make_shared<Attempt>(context_.stop, state_.meter, state_.stalled);
  attempts_[unit.id] = attempt;
  return attempt;
}

void InputRun::run(const Task& task) {
  const Unit& unit = *task.unit;
  const double began = wall_seconds();
  const std::shared_ptr<Attempt> attempt = attempt_for(unit);
  output_.prepare(unit);
  UnitOrder order = output_.order(unit);
  order.cores = task.cores;
  order.memory = task.memory;
  order.hashes = context_.options.keep_hashes && unit.has_video();
  UnitResult result;
  {
    const StallDetector::Watching watching(context_.stalls ? &*context_.stalls : nullptr, *attempt);
    result = runner_->run(order, *attempt);
  }
  if (share_) check_unit_of_share();
  output_.keep(unit, *runner_);
  if (share_) {
    write_record(share_->directory, unit.id,
                 {.host = host_name(), .seconds = wall_seconds() - began});
    remove_record(share_->failures, unit.id);
  }
  const std::lock_guard lock(mutex_);
  if (order.hashes) hashes_[unit.segment.index] = std::move(result.hashes);
  findings_[place_of(unit)] = std::move(result.findings);
  attempts_.erase(unit.id);
}

// --- failures

InputRun::Failure InputRun::failed(const Task& task, std::exception_ptr failure) noexcept {
  const std::lock_guard lock(mutex_);
  const Attempt* attempt = opening_.get();
  if (task.unit) {
    const auto found = attempts_.find(task.unit->id);
    attempt = found == attempts_.end() ? nullptr : found->second.get();
  }
  failure = explained(task, failure, attempt);
  const bool again = can_be_read_again(state_.input) && !is_standard_output(state_.output);
  return {failure, quadrant::may_pass(failure) && again,
          quadrant::pause_seconds(failure, task.tries + 1)};
}

// Takes back what the attempt counted.
void InputRun::tries_again(const Task& task, const Failure& failure) noexcept {
  const std::lock_guard lock(mutex_);
  const std::string what = what_of(failure.what), name = state_.input + ": ";
  state_.retried.push_back(what.starts_with(name) ? what.substr(name.size()) : what);
  if (!task.unit) return;
  output_.prepare(*task.unit);
  const auto attempt = attempts_.find(task.unit->id);
  if (attempt == attempts_.end()) return;
  attempt->second->meter.take_back();
  attempts_.erase(attempt);
}

void InputRun::gives_up(const Task& task, const Failure& failure) noexcept {
  const std::lock_guard lock(mutex_);
  if (task.unit) output_.prepare(*task.unit);  // no other task writes this file
  if (!failure_) failure_ = reproducible(task, failure.what);
  if (task.unit) attempts_.erase(task.unit->id);
}

// The error of a stalled unit says only that it was stopped, and that of a dead process names no
// unit: replaces both by messages that do.
std::exception_ptr InputRun::explained(const Task& task, std::exception_ptr failure,
                                       const Attempt* attempt) const noexcept {
  const std::string place =
      state_.input + (!task.unit                             ? ": opening it"
                      : task.unit->kind == Unit::Kind::whole ? ""
                                                             : ": " + name_of(*task.unit));
  if (attempt && attempt->stalled && !context_.stop.raised())
    return std::make_exception_ptr(
        UnitDied(Fault::temporary,
                 fmt::format("{}: no progress for {:g} s, so it was stopped; if a codec or filter "
                             "does not stop, run.isolate: process ends it",
                             place, context_.options.timeout)));
  const std::optional<Fault> fault = fault_of_death(failure);
  return fault ? std::make_exception_ptr(UnitDied(*fault, place + ": " + what_of(failure)))
               : failure;
}

// Appends the command that does the unit alone, where that may help.
std::exception_ptr InputRun::reproducible(const Task& task,
                                          std::exception_ptr failure) const noexcept {
  const std::optional<Fault> fault = fault_of_death(failure);
  if (!fault || !context_.options.reproduce) return failure;
  std::string which;
  if (task.unit && task.unit->kind == Unit::Kind::rest) which = "rest";
  if (task.unit && task.unit->kind == Unit::Kind::segment)
    which = std::to_string(task.unit->number());
  const std::string mode = state_.mode ? std::string(name_of(*state_.mode)) : "";
  const int tries = context_.options.retries > 0 ? task.tries + 1 : 0;
  return std::make_exception_ptr(UnitDied(
      *fault,
      fmt::format("{}{}; to reproduce: {}", what_of(failure),
                  tries > 0 ? ", " + counted(tries, "time") : "",
                  context_.options.reproduce({state_.spec(), state_.output, mode, which}))));
}

// --- finish

void InputRun::finish() noexcept {
  if (ended_) return;
  try {
    if (failure_) std::rethrow_exception(failure_);
    complete();
    end(Status::done);
  } catch (...) {
    const std::exception_ptr met = std::current_exception();
    fail_with(fault_of(met), what_of(met));
  }
}

void InputRun::stop() noexcept {
  if (!failure_)
    failure_ = std::make_exception_ptr(Error(Fault::stopped, state_.input + ": stopped"));
  finish();
}

void InputRun::complete() {
  take_hashes();
  tell_damage();
  tell_late_losses();
  if (!share_ || share_->merges) refuse_nothing();  // a shard may have the sound alone
  if (output_.is_held()) {
    Attempt attempt(context_.stop, state_.meter, state_.stalled);
    output_.put_together(*runner_, attempt);
  }
  if (identity(state_.spec()) != identity_)
    fail(Fault::input, "{}: changed while it was read; the output would be of neither version",
         state_.input);
  output_.complete(key_);
}

void InputRun::take_hashes() {
  for (const auto& [segment, text] : hashes_)
    state_.hashes += segment > 0 ? without_head(text) : text;
  hashes_.clear();
}

// In the order of the segments, whoever did them, and when.
Findings InputRun::findings() const {
  Findings all;
  for (const auto& [place, found] : findings_) all.add(found);
  return all;
}

void InputRun::tell_damage() {
  const Findings found = findings();
  // Units of a cut input each read only what they need; the packets were counted before cutting.
  const std::int64_t promised = outline_.is_cut() || share_ ? 0 : outline_.indexed_packets;
  state_.damage = damage_of(found, promised);
  const bool is_all = !share_ || share_->merges;
  if (state_.damage.empty() || (is_all && state_.meter.frames_out == 0)) return;
  if (context_.options.strict)
    fail(Fault::input, "{}: --strict, and the input is damaged: {}", state_.input,
         fmt::join(state_.damage, "; "));
  const std::string why = is_all ? too_much_damage(found, promised, context_.job.run) : "";
  if (!why.empty())
    fail(Fault::input, "{}: {}: {}", state_.input, why, fmt::join(state_.damage, "; "));
}

void InputRun::refuse_nothing() const {
  if (state_.meter.frames_out > 0) return;
  if (state_.meter.frames_in > 0)
    fail(Fault::input, "{}: the stages leave none of its {}", state_.input,
         counted(state_.meter.frames_in, "frame"));
  fail(Fault::input, "{}: no picture could be decoded{}{}", state_.input,
       state_.damage.empty() ? "" : ": ", fmt::join(state_.damage, "; "));
}

// What only the whole input shows: a transport stream may bring new streams at any time, long after
// the output's header is written, any stream may change its size, and a filter its times.
void InputRun::tell_late_losses() {
  const Findings found = findings();
  for (int stream : found.unplanned)
    state_.losses.push_back(fmt::format("#{}: it appeared after planning", stream));
  for (const auto& [what, frames] : found.changes)
    state_.losses.push_back(fmt::format("{} ({})", what, counted(frames, "frame")));
  std::ranges::move(late_losses(found), std::back_inserter(state_.losses));
  if (!share_ || share_->merges)
    if (const auto moved = moved_picture(found, outline_.beside)) state_.losses.push_back(*moved);
  if (context_.options.strict && !state_.losses.empty())
    fail(Fault::input, "{}: --strict, and the output did not keep all: {}", state_.input,
         fmt::join(state_.losses, "; "));
}

void InputRun::fail_with(Fault fault, const std::string& what) noexcept {
  runner_.reset();
  output_.discard();
  const bool named = what.starts_with(state_.input) || what.starts_with(state_.output);
  state_.error = named ? what : state_.input + ": " + what;
  state_.fault = fault;
  if (fault != Fault::stopped) record_failure();
  end(fault == Fault::stopped ? Status::stopped : Status::failed);
}

void InputRun::end(Status status) noexcept {
  ended_ = true;
  runner_.reset();
  output_.release();
  if (!Trace::active()) state_.meter.settle();  // a trace refers to stages by their names
  state_.ended = wall_seconds();
  if (state_.becomes(status)) context_.roster.ends(state_);
}

}  // namespace quadrant
