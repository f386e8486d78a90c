// SPDX-License-Identifier: MIT
#include "pipeline/batch/units.h"

#include <algorithm>
#include <chrono>

namespace quadrant {
namespace {
constexpr std::chrono::milliseconds stop_check{50};
}

// Begins as an input to be opened, or as a part of one; an opened input goes on as its first part.
class BatchUnits::BatchUnit final : public Unit {
 public:
  BatchUnit(BatchUnits& units, InputWork& work) : units_(units), work_(work) {}
  BatchUnit(BatchUnits& units, Waiting waiting)
      : units_(units), work_(*waiting.work), part_(std::move(waiting.part)) {}

  std::unique_ptr<Session> open() override {
    if (!part_) part_ = first_part();
    return part_ ? work_.open(*part_) : nullptr;
  }
  std::string part_path() const override { return work_.path(*part_); }
  void done(std::exception_ptr failure) noexcept override {
    part_ ? work_.part_done(*part_, failure) : work_.finish(failure);
  }

 private:
  std::optional<Part> first_part() {
    std::vector<Part> parts;
    try {
      parts = work_.begin(units_.mode_);
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

void BatchUnits::opened(InputWork& work, std::vector<Part> parts) {
  {
    const std::lock_guard lock(mutex_);
    --opening_;
    for (Part& part : parts) waiting_.push_back({&work, std::move(part)});
    std::ranges::stable_sort(waiting_, std::less(),
                             [](const Waiting& w) { return w.part.segment.bytes; });
  }
  changed_.notify_all();
}

std::unique_ptr<Unit> BatchUnits::next() {
  std::unique_lock lock(mutex_);
  while (!context_.ends()) {
    if (!waiting_.empty()) {
      Waiting heaviest = std::move(waiting_.back());
      waiting_.pop_back();
      return std::make_unique<BatchUnit>(*this, std::move(heaviest));
    }
    if (next_ < works_.size()) {
      ++opening_;
      return std::make_unique<BatchUnit>(*this, *works_[next_++]);
    }
    if (opening_ == 0) return nullptr;
    changed_.wait_for(lock, stop_check);
  }
  return nullptr;
}

}  // namespace quadrant
