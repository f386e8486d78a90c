// SPDX-License-Identifier: MIT
#include "pipeline/observe/in_progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "pipeline/observe/trace.h"

namespace quadrant {
namespace {

std::string words_of(const FrameStateKey& key) {
  const bool before = key.kind == FrameStateKind::order || key.kind == FrameStateKind::queue ||
                      key.kind == FrameStateKind::window;
  if (before) return fmt::format("{} before {}", name_of(key.kind), key.at);
  return key.kind == FrameStateKind::wait ? "wait in " + key.at : key.at;
}

}  // namespace

std::string_view name_of(FrameStateKind kind) {
  switch (kind) {
    case FrameStateKind::order: return "order";
    case FrameStateKind::queue: return "queue";
    case FrameStateKind::window: return "window";
    case FrameStateKind::stage: return "stage";
    case FrameStateKind::wait: return "wait";
    case FrameStateKind::storage: break;
  }
  return "storage";
}

FrameState::FrameState(const FrameStateKey& key) : name_(words_of(key)) {}

void ProgressMeter::pass(double now) {
  if (now_ > 0) {
    const auto at = static_cast<std::size_t>(now_ - 1);
    if (seconds_by_frames_.size() <= at) seconds_by_frames_.resize(at + 1);
    seconds_by_frames_[at] += now - since_;
  }
  since_ = now;
}

void ProgressMeter::set(std::int64_t now) {
  pass(wall_seconds());
  now_ = now;
  peak_ = std::max(peak_, now);
}

ProgressMeter::Admission ProgressMeter::admit() {
  const std::lock_guard lock(mutex_);
  set(now_ + 1);
  if (free_rows_.empty()) return {since_, rows_++};
  std::ranges::pop_heap(free_rows_, std::greater());
  const int row = free_rows_.back();
  free_rows_.pop_back();
  return {since_, row};
}

double ProgressMeter::retire(const Admission& admission) {
  const std::lock_guard lock(mutex_);
  set(now_ - 1);
  residence_ += since_ - admission.when;
  free_rows_.push_back(admission.row);
  std::ranges::push_heap(free_rows_, std::greater());
  return since_;
}

void ProgressMeter::change(std::int64_t by, std::int64_t peak_above) {
  const std::lock_guard lock(mutex_);
  set(now_ + by);
  peak_ = std::max(peak_, now_ + peak_above);
}

void ProgressMeter::add_residence(double seconds) {
  const std::lock_guard lock(mutex_);
  residence_ += seconds;
}

FrameState& ProgressMeter::state(const FrameStateKey& key) {
  const std::lock_guard lock(mutex_);
  return states_.try_emplace(key, key).first->second;
}

std::map<FrameStateKey, std::int64_t> ProgressMeter::state_ns() const {
  const std::lock_guard lock(mutex_);
  std::map<FrameStateKey, std::int64_t> all;
  for (const auto& [key, state] : states_) all[key] = state.ns();
  return all;
}

double ProgressMeter::frame_seconds() const {
  const std::lock_guard lock(mutex_);
  return residence_;
}

std::int64_t ProgressMeter::now() const {
  const std::lock_guard lock(mutex_);
  return now_;
}

std::int64_t ProgressMeter::peak() const {
  const std::lock_guard lock(mutex_);
  return peak_;
}

double ProgressMeter::integral() const {
  double sum = 0, frames = 0;
  for (const double seconds : histogram()) sum += ++frames * seconds;
  return sum;
}

std::vector<double> ProgressMeter::histogram() const {
  const std::lock_guard lock(mutex_);
  std::vector<double> seconds = seconds_by_frames_;
  if (now_ == 0) return seconds;
  const auto at = static_cast<std::size_t>(now_ - 1);
  if (seconds.size() <= at) seconds.resize(at + 1);
  seconds[at] += wall_seconds() - since_;
  return seconds;
}

Ticket::Ticket(ProgressMeter& meter, const FrameName& name, std::function<void()> given_back)
    : meter_(meter),
      name_(name),
      given_back_(std::move(given_back)),
      admission_(meter.admit()),
      since_(admission_.when) {}

Ticket::~Ticket() {
  const double now = meter_.retire(admission_);
  book(now);
  if (Trace* trace = Trace::active())
    trace->add({.kind = TraceEvent::Kind::frame,
                .row = admission_.row,
                .name = name_.what,
                .of = name_.of,
                .begin = admission_.when,
                .end = now,
                .number = name_.number,
                .value = name_.seconds});
  if (given_back_) given_back_();
}

// The time before the first state counts for that state.
void Ticket::move_to(FrameState& state, double when) {
  const std::lock_guard lock(mutex_);
  if (state_) book(when);
  state_ = &state;
}

void Ticket::book(double until) {
  if (until <= since_) return;
  if (state_) {
    state_->add(to_ns(until - since_));
    if (Trace* trace = Trace::active())
      trace->add({.kind = TraceEvent::Kind::state,
                  .row = admission_.row,
                  .name = state_->name(),
                  .begin = since_,
                  .end = until});
  }
  since_ = until;
}

}  // namespace quadrant
