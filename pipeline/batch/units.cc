// SPDX-License-Identifier: MIT
#include "pipeline/batch/units.h"

#include <algorithm>
#include <chrono>

#include "pipeline/batch/retry.h"

namespace quadrant {
namespace {
constexpr std::chrono::milliseconds stop_check{50};
}

// Begins as an input to be opened, or as a part of one; an opened input goes on as its first part.
class BatchUnits::BatchUnit final : public Unit {
 public:
  BatchUnit(BatchUnits& units, Waiting waiting)
      : units_(units), work_(*waiting.work), part_(std::move(waiting.part)) {}

  std::unique_ptr<Session> open() override {
    if (!part_) part_ = first_part();
    return part_ ? work_.open(*part_) : nullptr;
  }
  std::string part_path() const override { return work_.path(*part_); }
  void done(std::exception_ptr failure) noexcept override {
    const Part* part = part_ ? &*part_ : nullptr;
    if (failure && work_.tries_again(part, failure)) {
      units_.again({&work_, part_, wall_seconds() + pause_seconds(failure, work_.tries(part))});
    } else {
      part ? work_.part_done(*part, failure) : work_.finish(failure);
    }
    units_.ended();
  }

 private:
  std::optional<Part> first_part() {
    std::vector<Part> parts;
    try {
      parts = work_.begin();
    } catch (...) {
      units_.opened(work_, {});
      throw;
    }
    std::optional<Part> first;
    if (!parts.empty()) {
      first = std::move(parts.front());
      parts.erase(parts.begin());
    }
    units_.opened(work_, std::move(parts));
    return first;
  }

  BatchUnits& units_;
  InputWork& work_;
  std::optional<Part> part_;
};

void BatchUnits::add(Waiting waiting) {
  const auto weight = [](const Waiting& w) { return w.part ? w.part->segment.bytes : 0; };
  const auto place = std::ranges::lower_bound(waiting_, weight(waiting), {}, weight);
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

std::unique_ptr<Unit> BatchUnits::begun(Waiting waiting) {
  ++running_;
  opening_ += !waiting.part;
  return std::make_unique<BatchUnit>(*this, std::move(waiting));
}

std::unique_ptr<Unit> BatchUnits::next_known() {
  const double now = wall_seconds();
  for (std::size_t i = waiting_.size(); i-- > 0;) {
    if (waiting_[i].not_before > now) continue;
    Waiting heaviest = std::move(waiting_[i]);
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
    return begun(std::move(heaviest));
  }
  return next_ < works_.size() ? begun({&works_[next_++], {}}) : nullptr;
}

std::unique_ptr<Unit> BatchUnits::next() {
  std::unique_lock lock(mutex_);
  while (!context_.ends()) {
    if (std::unique_ptr<Unit> unit = next_known()) return unit;
    const bool may_come_back = context_.options.retries > 0 && running_ > 0;
    if (opening_ == 0 && waiting_.empty() && !may_come_back) return nullptr;
    changed_.wait_for(lock, stop_check);
  }
  return nullptr;
}

}  // namespace quadrant
