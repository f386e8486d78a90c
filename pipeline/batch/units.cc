// SPDX-License-Identifier: MIT
#include "pipeline/batch/units.h"

#include <algorithm>
#include <chrono>

#include "pipeline/batch/retry.h"
#include "pipeline/batch/unit_process.h"
#include "pipeline/observe/threads.h"

namespace quadrant {
namespace {
constexpr std::chrono::milliseconds stop_check{50};
}

std::unique_ptr<Session> BatchUnit::open() {
  if (!part_) settle_part(nullptr);
  return part_ ? work_.open(*part_) : nullptr;
}

std::exception_ptr BatchUnit::run_isolated(const std::function<UnitShare(Mode)>& share) noexcept {
  try {
    if (units_.context_.stop.raised()) fail(Fault::stopped, "stopped");
    UnitProcess process(units_.context_);
    const bool as_part = part_.has_value();
    if (!as_part) {
      const Span span("opening", work_.input());
      settle_part(&process);
    }
    if (part_) {
      const UnitShare ours = share(work_.mode());
      const Span span(name_of(*part_), work_.input());
      work_.make_in(process, *part_, as_part, ours.cores, ours.memory);
    }
    return nullptr;
  } catch (...) {
    return std::current_exception();
  }
}

void BatchUnit::done(std::exception_ptr failure) noexcept {
  const Part* part = part_ ? &*part_ : nullptr;
  if (failure && work_.tries_again(part, failure)) {
    units_.again({&work_, part_, wall_seconds() + pause_seconds(failure, work_.tries(part))});
  } else {
    part ? work_.part_done(*part, failure) : work_.begin_done(failure);
  }
  units_.ended();
}

void BatchUnit::settle_part(UnitProcess* process) {
  std::vector<Part> parts;
  try {
    parts = work_.begin(units_.mode_, process);
  } catch (...) {
    units_.opened(work_, {});
    throw;
  }
  if (!parts.empty()) {
    part_ = std::move(parts.front());
    parts.erase(parts.begin());
  }
  units_.opened(work_, std::move(parts));
}

void BatchUnits::add(Waiting waiting) {
  const auto rank = [](const Waiting& w) { return w.part ? w.part->rank : 0; };
  const auto place = std::ranges::lower_bound(waiting_, rank(waiting), {}, rank);
  waiting_.insert(place, std::move(waiting));
}

void BatchUnits::opened(InputWork& work, std::vector<Part> parts) {
  {
    const std::lock_guard lock(mutex_);
    --opening_;
    for (Part& part : parts) add({&work, std::move(part)});
  }
  changed_.notify_all();
}

void BatchUnits::again(Waiting waiting) {
  const std::lock_guard lock(mutex_);
  add(std::move(waiting));
}

void BatchUnits::ended() {
  {
    const std::lock_guard lock(mutex_);
    --running_;
  }
  changed_.notify_all();
}

std::unique_ptr<BatchUnit> BatchUnits::begun(Waiting waiting) {
  ++running_;
  opening_ += !waiting.part;
  return std::make_unique<BatchUnit>(*this, *waiting.work, std::move(waiting.part));
}

std::unique_ptr<BatchUnit> BatchUnits::next_known() {
  const double now = wall_seconds();
  for (std::size_t i = waiting_.size(); i-- > 0;) {
    if (waiting_[i].not_before > now) continue;
    Waiting heaviest = std::move(waiting_[i]);
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
    return begun(std::move(heaviest));
  }
  return next_ < works_.size() ? begun({works_[next_++], {}}) : nullptr;
}

int BatchUnits::others() {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(waiting_.size() + works_.size() - next_) + opening_;
}

std::unique_ptr<BatchUnit> BatchUnits::next_unit() {
  std::unique_lock lock(mutex_);
  while (!context_.ends()) {
    if (std::unique_ptr<BatchUnit> unit = next_known()) return unit;
    const bool may_come_back = context_.options.retries > 0 && running_ > 0;
    if (opening_ == 0 && waiting_.empty() && !may_come_back) return nullptr;
    changed_.wait_for(lock, stop_check);
  }
  return nullptr;
}

}  // namespace quadrant
