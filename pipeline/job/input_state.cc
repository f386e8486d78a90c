// SPDX-License-Identifier: MIT
#include "pipeline/job/input_state.h"

#include <utility>

namespace quadrant {

std::string_view name_of(Status status) {
  switch (status) {
    case Status::waiting: return "waiting";
    case Status::running: return "running";
    case Status::done: return "done";
    case Status::up_to_date: return "up-to-date";
    case Status::failed: return "failed";
    case Status::stopped:
    case Status::abandoned: break;
  }
  return "stopped";
}

void Roster::begins(const InputState& input) {
  const std::lock_guard lock(mutex_);
  under_way_.insert(&input);
}

void Roster::waits(const InputState& input) {
  const std::lock_guard lock(mutex_);
  under_way_.erase(&input);
}

void Roster::ends(const InputState& input) {
  const std::lock_guard lock(mutex_);
  under_way_.erase(&input);
  ended_.push_back(&input);
  const Status status = input.status;
  totals_.done += status == Status::done || status == Status::up_to_date;
  totals_.failed += status == Status::failed;
  totals_.stopped += status == Status::stopped || status == Status::abandoned;
  totals_.frames += input.meter.frames_out;
  const std::int64_t made = input.meter.frames_out - input.meter.frames_kept;
  totals_.measured += made > 0;
  totals_.made += static_cast<double>(made);
}

std::vector<const InputState*> Roster::under_way() const {
  const std::lock_guard lock(mutex_);
  return {under_way_.begin(), under_way_.end()};
}

std::vector<const InputState*> Roster::take_ended() {
  const std::lock_guard lock(mutex_);
  return std::exchange(ended_, {});
}

EndedTotals Roster::ended() const {
  const std::lock_guard lock(mutex_);
  return totals_;
}

}  // namespace quadrant
