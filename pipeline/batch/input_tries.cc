// SPDX-License-Identifier: MIT
// An input's tries: what each unit is tried with, and what follows when one failed.
#include <sys/stat.h>

#include "pipeline/batch/input_work.h"
#include "pipeline/batch/retry.h"

namespace quadrant {

int id_of(const Part* part) {
  constexpr int opening = -2, rest = -1;
  if (!part) return opening;
  return part->kind == Part::Kind::rest ? rest : part->segment.index;
}

std::shared_ptr<Attempt> InputWork::new_attempt() {
  std::optional<Watchdog>& watchdog = context_.watchdog;
  if (!watchdog) return std::make_shared<Attempt>(context_.stop, state_);
  std::shared_ptr<Attempt> attempt(new Attempt(context_.stop, state_), [&watchdog](Attempt* gone) {
    watchdog->forget(*gone);
    delete gone;
  });
  watchdog->watch(*attempt);
  return attempt;
}

void InputWork::stop_watching() {
  if (context_.watchdog) context_.watchdog->forget(*opening_);
}

void InputWork::watch_again() {
  if (context_.watchdog) context_.watchdog->watch(*opening_);
}

std::shared_ptr<Attempt> InputWork::begin_attempt(const Part& part) {
  if (failure_) return nullptr;
  std::shared_ptr<Attempt> attempt = opening_ ? std::move(opening_) : new_attempt();
  attempts_[id_of(&part)] = attempt;
  return attempt;
}

// What a pipe gave is gone.
bool InputWork::can_be_read_again() const {
  struct stat about {};
  if (state_.input == "-") return false;
  return stat(state_.input.c_str(), &about) != 0 || S_ISREG(about.st_mode);
}

int InputWork::tries(const Part* part) const {
  const std::lock_guard lock(mutex_);
  return tries_locked(part);
}

int InputWork::tries_locked(const Part* part) const {
  const auto found = tries_.find(id_of(part));
  return found == tries_.end() ? 0 : found->second;
}

bool InputWork::tries_again(const Part* part, std::exception_ptr failure) noexcept {
  {
    const std::lock_guard lock(mutex_);
    failure = explained(part, failure);
    int& tries = tries_[id_of(part)];
    if (context_.ends() || !may_pass(failure) || !can_be_read_again()) return false;
    if (failure_ || tries >= context_.options.retries) return false;
    ++tries;
    const std::string what = what_of(failure), name = state_.input + ": ";
    state_.retried.push_back(what.starts_with(name) ? what.substr(name.size()) : what);
  }
  clean_up_after(part);
  return true;
}

void InputWork::clean_up_after(const Part* part) noexcept {
  const std::lock_guard lock(mutex_);
  if (!part) {
    opened_.reset();
    opening_.reset();
    return;
  }
  if (const auto attempt = attempts_.find(id_of(part)); attempt != attempts_.end()) {
    attempt->second->meter.take_back();
    attempts_.erase(attempt);
  }
  if (store_)
    store_->discard(*part);
  else if (file_)
    file_->empty();
}

// A unit that was asked to end because it stood still says that it was stopped; one whose process
// died says no place.
std::exception_ptr InputWork::explained(const Part* part,
                                        std::exception_ptr failure) const noexcept {
  const std::string place =
      state_.input + (!part                             ? ": opening it"
                      : part->kind == Part::Kind::whole ? ""
                                                        : ": " + name_of(*part));
  const auto attempt = attempts_.find(id_of(part));
  const Attempt* tried =
      part ? attempt != attempts_.end() ? attempt->second.get() : nullptr : opening_.get();
  if (tried && tried->overdue && !context_.stop.raised())
    return std::make_exception_ptr(
        Died(Fault::temporary,
             fmt::format("{}: no progress for {:g} s, and it ended when asked to; run.isolate: "
                         "process ends for certain what does not listen",
                         place, context_.options.timeout)));
  const std::optional<Fault> fault = fault_of_death(failure);
  return fault ? std::make_exception_ptr(Died(*fault, place + ": " + what_of(failure))) : failure;
}

std::exception_ptr InputWork::reproducible(const Part* part,
                                           std::exception_ptr failure) const noexcept {
  const std::optional<Fault> fault = fault_of_death(failure);
  if (!fault || !context_.options.reproduce) return failure;
  std::string which;
  if (part && part->kind == Part::Kind::rest) which = "rest";
  if (part && part->kind == Part::Kind::segment) which = std::to_string(part->segment.index + 1);
  const std::string mode = state_.mode ? std::string(name_of(*state_.mode)) : "";
  const int tries = context_.options.retries > 0 ? tries_locked(part) + 1 : 0;
  return std::make_exception_ptr(Died(
      *fault, fmt::format("{}{}; it alone: {}", what_of(failure),
                          tries > 0 ? fmt::format(", {} times", tries) : "",
                          context_.options.reproduce({state_.input, state_.output, mode, which}))));
}

}  // namespace quadrant
