// SPDX-License-Identifier: MIT
#include "pipeline/observe/meter.h"

namespace quadrant {

ScopedTimer::~ScopedTimer() {
  const double cpu = row_.cpu_seconds() - cpu_, ended = wall_seconds();
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

StageMeter& InputMeter::stage(int index, const std::string& name) {
  if (whole_) return whole_->stage(index, name);
  const std::lock_guard lock(mutex_);
  return stages_.try_emplace(index, name, index == read || index == write).first->second;
}

void InputMeter::take_back() {
  for (Counter* counter : {&packets_in, &frames_in, &frames_out, &packets_out, &decode_errors})
    counter->take_back();
}

void InputMeter::add_backpressure(double seconds) {
  (whole_ ? *whole_ : *this).add_backpressure_ns(to_ns(seconds));
}

void InputMeter::report(const Findings& more) {
  const std::lock_guard lock(mutex_);
  findings_.add(more);
}

Findings InputMeter::findings() const {
  const std::lock_guard lock(mutex_);
  return findings_;
}

std::vector<InputMeter::StageTotals> InputMeter::stages() const {
  const std::lock_guard lock(mutex_);
  std::vector<StageTotals> all = settled_;
  all.reserve(settled_.size() + stages_.size());
  for (const auto& [index, stage] : stages_)
    all.push_back({stage.name(), stage.calls(), stage.cpu_ns(), stage.wait_ns()});
  return all;
}

void InputMeter::settle() {
  std::vector<StageTotals> all = stages();
  const std::lock_guard lock(mutex_);
  settled_ = std::move(all);
  stages_.clear();
}

std::vector<std::pair<int, const StageMeter*>> InputMeter::meters() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::pair<int, const StageMeter*>> all;
  for (const auto& [index, meter] : stages_) all.emplace_back(index, &meter);
  return all;
}

}  // namespace quadrant
