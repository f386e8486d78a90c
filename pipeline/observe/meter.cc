// SPDX-License-Identifier: MIT
#include "pipeline/observe/meter.h"

namespace quadrant {

Mark::~Mark() {
  const double cpu = thread_cpu_seconds() - cpu_, ended = wall_seconds();
  stage_.add(calls_, to_ns(cpu), 0);
  row_.leave(ended - began_, cpu, stage_.waits());
  if (Trace::active())
    row_.trace().add({.kind = TraceEvent::Kind::thread,
                      .row = row_.number(),
                      .name = stage_.name().c_str(),
                      .begin = began_,
                      .end = ended,
                      .number = strip_});
}

void StageMeter::add_wait(double seconds) {
  wait_ns_.fetch_add(to_ns(seconds), std::memory_order_relaxed);
}

void StageMeter::add(std::int64_t calls, std::int64_t cpu_ns, std::int64_t wait_ns) {
  calls_.fetch_add(calls, std::memory_order_relaxed);
  cpu_ns_.fetch_add(cpu_ns, std::memory_order_relaxed);
  wait_ns_.fetch_add(wait_ns, std::memory_order_relaxed);
}

StageMeter& InputMeter::stage(int place, const std::string& name) {
  if (whole_) return whole_->stage(place, name);
  const std::lock_guard lock(mutex_);
  return stages_.try_emplace(place, name, place == read || place == write).first->second;
}

void InputMeter::take_back() {
  for (Counter* counter : {&packets_in, &frames_in, &frames_out, &decode_errors})
    counter->take_back();
}

void InputMeter::was_full(double seconds) { (whole_ ? *whole_ : *this).add_full(to_ns(seconds)); }

void InputMeter::saw_unplanned(int stream) {
  if (whole_) return whole_->saw_unplanned(stream);
  const std::lock_guard lock(mutex_);
  unplanned_.insert(stream);
}

std::vector<int> InputMeter::unplanned() const {
  const std::lock_guard lock(mutex_);
  return {unplanned_.begin(), unplanned_.end()};
}

void InputMeter::complain(int place, const Complaints& heard) {
  if (heard.lines == 0) return;
  if (whole_) return whole_->complain(place, heard);
  const std::lock_guard lock(mutex_);
  complaints_[place].add(heard);
}

Complaints InputMeter::complaints(int place) const {
  const std::lock_guard lock(mutex_);
  const auto found = complaints_.find(place);
  return found == complaints_.end() ? Complaints{} : found->second;
}

std::vector<const StageMeter*> InputMeter::stages() const {
  std::vector<const StageMeter*> all;
  for (const auto& [place, meter] : places()) all.push_back(meter);
  return all;
}

std::vector<std::pair<int, const StageMeter*>> InputMeter::places() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::pair<int, const StageMeter*>> all;
  for (const auto& [place, meter] : stages_) all.emplace_back(place, &meter);
  return all;
}

}  // namespace quadrant
