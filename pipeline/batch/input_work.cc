// SPDX-License-Identifier: MIT
#include "pipeline/batch/input_work.h"

#include <fmt/ranges.h>
#include <sys/stat.h>

#include <algorithm>
#include <bit>
#include <filesystem>

#include "pipeline/batch/names.h"
#include "pipeline/batch/retry.h"
#include "pipeline/media/encoders.h"
#include "pipeline/media/sequence.h"

namespace quadrant {

namespace fs = std::filesystem;

namespace {

// Other streams, whose work nobody knows, are begun first, then heavy segments: what is begun last
// should be short. None outranks another of up to four times its weight, which coded bytes tell no
// better: so they end about in order, and the output can grow.
void rank(std::vector<Part>& parts) {
  std::int64_t heaviest = 1;
  for (const Part& part : parts) heaviest = std::max(heaviest, part.segment.weight);
  for (Part& part : parts) {
    const auto times =
        static_cast<std::uint64_t>(heaviest / std::max<std::int64_t>(1, part.segment.weight));
    const bool is_rest = part.kind == Part::Kind::rest;
    part.rank = is_rest ? INT64_MAX : heaviest / std::bit_floor(times < 4 ? 1 : times);
  }
}

}  // namespace

std::string_view name_of(Status status) {
  switch (status) {
    case Status::waiting: return "waiting";
    case Status::running: return "running";
    case Status::done: return "done";
    case Status::up_to_date: return "up-to-date";
    case Status::failed: return "failed";
    case Status::stopped: break;
  }
  return "stopped";
}

std::optional<FileId> file_id(const std::string& path) {
  struct stat about {};
  if (stat(path.c_str(), &about) != 0) return std::nullopt;
  return FileId{about.st_dev, about.st_ino};
}

bool InputWork::has_output() const { return !writes_nothing(request_.container); }

bool InputWork::writes_pictures() const {
  return makes_images(request_.container) && is_sequence(state_.output);
}

std::vector<Part> InputWork::begin(Mode mode, UnitProcess* process) {
  set_aside_.reset();
  state_.began = wall_seconds();
  state_.status = Status::running;
  key_ = job_key(context_.canonical_job, state_.input);
  if (share_) check_share();
  if (writes_output() && !is_due()) {
    tidy();
    end(Status::up_to_date);
    return {};
  }
  process ? open_in(*process) : open_here();
  if (!process && !merges() && outline_.mode != mode) return set_aside();
  if (opened_) state_.meter.complain(InputMeter::read, opened_->take_complaints());
  state_.expected_frames = outline_.expected_frames;
  if (has_output() && writes_output() && !file_ && !hold_output()) {
    end(Status::up_to_date);
    return {};
  }
  std::vector<Part> todo = parts();
  left_ = todo.size();
  if (todo.empty()) {
    opened_.reset();
    opening_.reset();
  }
  return todo;
}

// Many inputs may wait for their mode: those that can be opened again are closed.
std::vector<Part> InputWork::set_aside() {
  set_aside_ = plan_->mode;
  stop_watching();
  if (can_be_read_again()) opened_.reset();
  if (!opened_) opening_.reset();
  state_.began = 0;
  state_.status = Status::waiting;
  return {};
}

// A run that was killed when its output had its name may have left the segments.
void InputWork::tidy() noexcept {
  if (!fs::exists(segments_name(state_.output))) return;
  try {
    OutputFile ours(state_.output, {});
    SegmentStore(state_.output, key_).remove();
    ours.discard();
  } catch (const Error&) {  // another run is at it
  }
}

void InputWork::open_here() {
  if (opened_) return watch_again();  // it was set aside
  const std::string now = identity(state_.input);
  const bool is_planned = plan_ && !now.empty() && now == identity_;  // when it was set aside
  identity_ = now;
  opening_ = new_attempt();
  Input input(state_.input, opening_->stop);
  if (!is_planned) plan_ = make_plan(input);
  opened_.emplace(std::move(input));
}

std::shared_ptr<const Plan> InputWork::make_plan(const Input& input) {
  Plan plan =
      quadrant::make_plan(context_.job, input, request_, state_.output, context_.options.mode,
                          context_.resources, share_ ? share_->segments : std::vector<Segment>{});
  if (context_.forecast && can_be_read_again())
    if (const auto choice = context_.forecast->ask(plan)) settle_mode(plan, *choice);
  adopt(outline_of(plan));
  return std::make_shared<const Plan>(std::move(plan));
}

void InputWork::adopt(const Outline& outline) {
  outline_ = outline;
  state_.mode = outline.mode;
  state_.mode_reason = outline.mode_reason;
  state_.losses = outline.losses;
  state_.notes = outline.notes;
  state_.plan = outline.graph;
  if (context_.options.strict && !outline.losses.empty())
    fail(Fault::input, "{}: --strict, and the output cannot keep all: {}", state_.input,
         fmt::join(outline.losses, "; "));
}

std::vector<Part> InputWork::parts() {
  if (share_) return parts_of_share();
  if (!outline_.is_cut()) {
    // An earlier run may have cut the input, or what was there in its place.
    if (file_) SegmentStore(state_.output, key_).remove();
    return {Part{}};
  }
  state_.segments = static_cast<int>(outline_.segments.size());
  store_.emplace(state_.output, key_);
  store_->create();
  store_->discard_growing();
  std::vector<Part> all;
  for (const Segment& segment : outline_.segments) all.push_back(part_of(segment));
  all.push_back(rest_part());
  return left_of(std::move(all));
}

// What no earlier run has done, in the order in which it is to be begun.
std::vector<Part> InputWork::left_of(std::vector<Part> parts) {
  std::int64_t expected = 0;
  for (const Part& part : parts) expected += part.segment.pictures;
  if (outline_.is_cut()) state_.expected_frames = expected;
  rank(parts);
  std::erase_if(parts, [this](const Part& part) { return is_kept(part); });
  std::ranges::stable_sort(parts, std::greater(), &Part::rank);
  return parts;
}

// Was the part done by an earlier run, for the same job?
bool InputWork::is_kept(const Part& part) {
  const std::optional<SegmentStore::Found> found = store_->find(part, context_.options.keep_hashes);
  if (!found) return false;
  const bool rest = part.kind == Part::Kind::rest;
  if (!found->redo.empty()) {
    state_.redone.push_back(fmt::format("{}: done again, {}", name_of(part), found->redo));
    return false;
  }
  whole_.insert(store_->path(part));
  if (rest) return true;
  ++state_.segments_kept;
  state_.meter.frames_out += found->pictures;
  state_.meter.frames_kept += found->pictures;
  kept_hashes_[part.segment.index] = found->hashes;
  return true;
}

FrameHashes* InputWork::hashes_of(const Part& part) {
  if (!context_.options.keep_hashes || part.kind == Part::Kind::rest) return nullptr;
  return &hashes_[part.segment.index];
}

std::unique_ptr<Session> InputWork::open(const Part& part) {
  std::optional<Input> input;
  FrameHashes* hashes = nullptr;
  std::shared_ptr<Attempt> attempt;
  {
    const std::lock_guard lock(mutex_);
    attempt = begin_attempt(part);
    if (!attempt) return nullptr;
    if (opened_) input.emplace(std::move(*opened_));
    opened_.reset();
    hashes = hashes_of(part);
  }
  if (!input) input.emplace(state_.input, attempt->stop);
  Part settled = part;
  if (share_) share_->records->began(store_->id(part));
  if (store_) {
    store_->discard(part);
    settled.head = store_->head(part);
    settled.foot = [hashes](std::int64_t pictures) {
      return SegmentStore::foot(pictures, hashes ? hashes->text() : "");
    };
  }
  return std::make_unique<Session>(std::move(*input), plan_, std::move(settled), attempt->meter,
                                   hashes, state_.observer);
}

std::string InputWork::path(const Part& part) const {
  return store_ ? store_->growing(part) : file_ ? file_->part() : state_.output;
}

void InputWork::part_done(const Part& part, std::exception_ptr failure) noexcept {
  try {
    if (share_ && !failure) check_part_of_share();
    if (store_ && failure) store_->discard(part);
    if (store_ && !failure && fs::exists(path(part))) keep(part);
  } catch (...) {
    failure = std::current_exception();
    if (share_) store_->discard(part);  // its name is nobody else's
  }
  {
    const std::lock_guard lock(mutex_);
    if (!failure_ && failure) failure_ = reproducible(&part, explained(&part, failure));
    attempts_.erase(id_of(&part));
    if (--left_ > 0) return;
  }
  finish(failure_);
}

void InputWork::begin_done(std::exception_ptr failure) noexcept {
  finish(failure ? reproducible(nullptr, explained(nullptr, failure)) : nullptr);
}

void InputWork::close() noexcept {
  if (state_.status == Status::running && !ended_)
    finish(std::make_exception_ptr(Error(Fault::stopped, state_.input + ": stopped")));
}

void InputWork::finish(std::exception_ptr failure) noexcept {
  if (ended_ || (set_aside_ && !failure)) return;
  try {
    if (failure) std::rethrow_exception(failure);
    complete();
    end(Status::done);
  } catch (...) {
    const std::exception_ptr met = std::current_exception();
    fail_with(fault_of(met), what_of(met));
  }
}

void InputWork::fail_with(Fault fault, const std::string& what) noexcept {
  stitcher_.reset();
  if (file_) file_->discard();
  const bool named = what.starts_with(state_.input) || what.starts_with(state_.output);
  state_.error = named ? what : state_.input + ": " + what;
  state_.fault = fault;
  const int most = context_.options.max_failures;
  if (fault != Fault::stopped && most > 0 && ++context_.failures >= most) context_.give_up = true;
  if (share_ && fault != Fault::stopped) note_failure_of_share();
  end(fault == Fault::stopped ? Status::stopped : Status::failed);
}

void InputWork::end(Status status) noexcept {
  ended_ = true;
  opened_.reset();
  opening_.reset();
  state_.holds_output = false;
  file_.reset();
  state_.ended = wall_seconds();
  state_.status = status;
}

}  // namespace quadrant
