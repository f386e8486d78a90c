// SPDX-License-Identifier: MIT
#include "pipeline/observe/meter.h"

#include <sys/resource.h>
#include <time.h>

namespace quadrant {
namespace {

double read(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

std::int64_t to_ns(double seconds) { return static_cast<std::int64_t>(seconds * 1e9); }

}  // namespace

double thread_cpu_seconds() { return read(CLOCK_THREAD_CPUTIME_ID); }
double process_cpu_seconds() {
  rusage children{};
  getrusage(RUSAGE_CHILDREN, &children);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return read(CLOCK_PROCESS_CPUTIME_ID) + seconds(children.ru_utime) + seconds(children.ru_stime);
}
double wall_seconds() { return read(CLOCK_MONOTONIC); }

void StageMeter::add(double cpu_seconds) {
  calls_.fetch_add(1, std::memory_order_relaxed);
  cpu_ns_.fetch_add(to_ns(cpu_seconds), std::memory_order_relaxed);
}

void StageMeter::add_wait(double seconds) {
  wait_ns_.fetch_add(to_ns(seconds), std::memory_order_relaxed);
}

void StageMeter::add(std::int64_t calls, std::int64_t cpu_ns, std::int64_t wait_ns) {
  calls_.fetch_add(calls, std::memory_order_relaxed);
  cpu_ns_.fetch_add(cpu_ns, std::memory_order_relaxed);
  wait_ns_.fetch_add(wait_ns, std::memory_order_relaxed);
}

void ProgressMeter::change(std::int64_t by) {
  const std::int64_t now = now_.fetch_add(by, std::memory_order_relaxed) + by;
  std::int64_t peak = peak_.load(std::memory_order_relaxed);
  while (peak < now && !peak_.compare_exchange_weak(peak, now, std::memory_order_relaxed)) {
  }
}

void ProgressMeter::retire(double residence_seconds) {
  change(-1);
  add_residence(residence_seconds);
}

void ProgressMeter::add_residence(double seconds) {
  residence_ns_.fetch_add(to_ns(seconds), std::memory_order_relaxed);
}

Ticket::Ticket(ProgressMeter& meter, std::function<void()> given_back)
    : meter_(meter), given_back_(std::move(given_back)), admitted_(wall_seconds()) {
  meter_.admit();
}

Ticket::~Ticket() {
  meter_.retire(wall_seconds() - admitted_);
  if (given_back_) given_back_();
}

StageMeter& InputMeter::stage(int place, const std::string& name) {
  if (whole_) return whole_->stage(place, name);
  const std::lock_guard lock(mutex_);
  return stages_.try_emplace(place, name).first->second;
}

void InputMeter::take_back() {
  for (Counter* counter : {&packets_in, &frames_in, &frames_out, &decode_errors})
    counter->take_back();
}

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
