// SPDX-License-Identifier: MIT
#include "pipeline/observe/in_progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "pipeline/observe/trace.h"

namespace quadrant {
namespace {

std::string words_of(const PlaceKey& key) {
  const bool before =
      key.kind == PlaceKind::order || key.kind == PlaceKind::queue || key.kind == PlaceKind::window;
  if (before) return fmt::format("{} before {}", name_of(key.kind), key.at);
  return key.kind == PlaceKind::wait ? "wait in " + key.at : key.at;
}

}  // namespace

std::string_view name_of(PlaceKind kind) {
  switch (kind) {
    case PlaceKind::order: return "order";
    case PlaceKind::queue: return "queue";
    case PlaceKind::window: return "window";
    case PlaceKind::stage: return "stage";
    case PlaceKind::wait: return "wait";
    case PlaceKind::storage: break;
  }
  return "storage";
}

FramePlace::FramePlace(const PlaceKey& key) : name_(words_of(key)) {}

void ProgressMeter::pass(double now) {
  if (now_ > 0) {
    const auto at = static_cast<std::size_t>(now_ - 1);
    if (seconds_at_.size() <= at) seconds_at_.resize(at + 1);
    seconds_at_[at] += now - since_;
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

FramePlace& ProgressMeter::place(const PlaceKey& key) {
  const std::lock_guard lock(mutex_);
  return places_.try_emplace(key, key).first->second;
}

std::map<PlaceKey, std::int64_t> ProgressMeter::place_ns() const {
  const std::lock_guard lock(mutex_);
  std::map<PlaceKey, std::int64_t> all;
  for (const auto& [key, place] : places_) all[key] = place.ns();
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
  for (const double seconds : seconds_at()) sum += ++frames * seconds;
  return sum;
}

std::vector<double> ProgressMeter::seconds_at() const {
  const std::lock_guard lock(mutex_);
  std::vector<double> seconds = seconds_at_;
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

// What was before its first place belongs to that one.
void Ticket::move_to(FramePlace& place, double when) {
  const std::lock_guard lock(mutex_);
  if (place_) book(when);
  place_ = &place;
}

void Ticket::book(double until) {
  if (until <= since_) return;
  if (place_) {
    place_->add(to_ns(until - since_));
    if (Trace* trace = Trace::active())
      trace->add({.kind = TraceEvent::Kind::place,
                  .row = admission_.row,
                  .name = place_->name(),
                  .begin = since_,
                  .end = until});
  }
  since_ = until;
}

}  // namespace quadrant
