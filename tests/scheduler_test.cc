// SPDX-License-Identifier: MIT
// What runs next, tried with a runner that does nothing and a clock that is set by hand: no unit is
// lost or begun twice, no budget is overdrawn, whatever comes back in whatever order.
#include "pipeline/job/scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <random>
#include <set>

namespace quadrant {
namespace {

constexpr std::int64_t mib = 1 << 20;

Unit segment(int index, std::int64_t weight, std::int64_t memory = mib) {
  Unit unit = unit_of({.index = index, .weight = weight});
  unit.id = std::to_string(index);
  unit.memory = memory;
  return unit;
}

Unit whole(std::int64_t memory = mib, int threads = 0) {
  Unit unit;
  unit.id = "whole";
  unit.memory = memory;
  unit.threads = threads;
  return unit;
}

std::vector<Unit> segments(int count) {
  std::vector<Unit> all;
  for (int i = 0; i < count; ++i) all.push_back(segment(i, 100));
  Unit rest = rest_unit();
  rest.id = "rest";
  all.push_back(rest);
  return all;
}

Scheduler::Setup setup(std::size_t inputs, int units_at_once) {
  return {.inputs = inputs,
          .first = Mode::segments,
          .cores = units_at_once,
          .memory = 1000 * mib,
          .frame_memory = 1000 * mib,
          .slots = [units_at_once](Mode mode) {
            return Scheduler::Slots{mode == Mode::tiles ? 1 : units_at_once};
          }};
}

Task must(Scheduler& scheduler, double now = 0) {
  const Scheduler::Next next = scheduler.next(now);
  EXPECT_TRUE(next.task.has_value());
  return next.task.value_or(Task{.input = 9999});
}

bool nothing(Scheduler& scheduler, double now = 0) {
  const Scheduler::Next next = scheduler.next(now);
  return !next.task && !next.finished;
}

TEST(Scheduler, DoesKnownUnitsBeforeFurtherInputs) {
  Scheduler scheduler(setup(2, 2));
  const Task first = must(scheduler);
  EXPECT_FALSE(first.unit);
  EXPECT_FALSE(scheduler.opened(first, Mode::segments, segments(3)));
  EXPECT_EQ(must(scheduler).unit->id, "rest") << "other streams first";
  EXPECT_EQ(must(scheduler).unit->id, "0");
  EXPECT_TRUE(nothing(scheduler)) << "two at once";
}

TEST(Scheduler, BeginsHeavySegmentsFirstAndLikeOnesInOrder) {
  Scheduler scheduler(setup(1, 9));
  scheduler.opened(must(scheduler), Mode::segments,
                   {segment(0, 100), segment(1, 90), segment(2, 900), segment(3, 110)});
  std::string order;
  for (int i = 0; i < 4; ++i) order += must(scheduler).unit->id;
  EXPECT_EQ(order, "2013");
}

TEST(Scheduler, NeverReservesMoreMemoryThanThereIs) {
  Scheduler::Setup s = setup(1, 8);
  s.memory = 250 * mib;
  Scheduler scheduler(s);
  std::vector<Unit> units;
  for (int i = 0; i < 5; ++i) units.push_back(segment(i, 100, 100 * mib));
  scheduler.opened(must(scheduler), Mode::segments, units);
  const Task a = must(scheduler);
  must(scheduler);
  EXPECT_TRUE(nothing(scheduler));
  scheduler.done(a);
  must(scheduler);
  EXPECT_TRUE(nothing(scheduler));
}

// Three of four segments fit by their estimates. How many run beside one another after the first
// has ended, and the process had grown by so much at its peak.
int at_once_after(std::int64_t grown, std::int64_t of_process = 0) {
  Scheduler::Setup s = setup(1, 8);
  s.memory = 340 * mib;
  s.unit_memory = of_process;
  Scheduler scheduler(s);
  std::vector<Unit> units;
  for (int i = 0; i < 12; ++i) units.push_back(segment(i, 100, 100 * mib));
  scheduler.opened(must(scheduler), Mode::segments, units);
  std::deque<Task> running;
  const auto begin_all = [&] {
    while (std::optional<Task> next = scheduler.next(0).task) running.push_back(std::move(*next));
  };
  begin_all();
  EXPECT_EQ(running.size(), of_process > 0 ? 2 : 3);
  for (int i = 0; i < 3; ++i) {  // those that began by the estimates end
    scheduler.done(running.front(), grown);
    running.pop_front();
    begin_all();
  }
  return static_cast<int>(running.size());
}

TEST(Scheduler, CorrectsEstimatesByWhatTheFirstUnitsTook) {
  EXPECT_EQ(at_once_after(0), 3) << "unknown";
  EXPECT_EQ(at_once_after(300 * mib), 3) << "as estimated";
  EXPECT_EQ(at_once_after(450 * mib), 2) << "150 MiB each";
  EXPECT_EQ(at_once_after(200 * mib), 5) << "67 MiB each";
  EXPECT_EQ(at_once_after(3 * mib), 6) << "at most twice as many";
  EXPECT_EQ(at_once_after(0, 50 * mib), 2) << "each in a process of its own";
}

TEST(Scheduler, RunsWhatNeedsMoreThanThereIsAlone) {
  Scheduler::Setup s = setup(3, 4);
  s.memory = 10 * mib;
  Scheduler scheduler(s);
  scheduler.opened(must(scheduler), Mode::segments, {whole(50 * mib)});
  const Task large = must(scheduler);
  ASSERT_TRUE(large.unit);
  scheduler.opened(must(scheduler), Mode::segments, {whole(5 * mib)});
  EXPECT_TRUE(nothing(scheduler)) << "nothing beside it, and no further input that would wait too";
  EXPECT_TRUE(scheduler.done(large));
  scheduler.closed(0, false);
  EXPECT_EQ(must(scheduler).input, 1);
}

TEST(Scheduler, CountsTheThreadsOfEncoders) {
  Scheduler::Setup s = setup(3, 4);
  s.slots = [](Mode) { return Scheduler::Slots{4, 5}; };
  Scheduler scheduler(s);
  const Task a = must(scheduler), b = must(scheduler);
  scheduler.opened(a, Mode::segments, {whole(mib, 3)});
  scheduler.opened(b, Mode::segments, {whole(mib, 3)});
  EXPECT_TRUE(must(scheduler).unit);
  EXPECT_TRUE(nothing(scheduler)) << "5 for both, and each brings 3";
}

TEST(Scheduler, TriesAgainWhenTheTimeHasComeAndAsOftenAsAllowed) {
  Scheduler::Setup s = setup(1, 1);
  s.retries = 2;
  Scheduler scheduler(s);
  const Task open = must(scheduler);
  ASSERT_TRUE(scheduler.may_try_again(open));
  EXPECT_FALSE(scheduler.again(open, 10));
  EXPECT_EQ(scheduler.next(9.5).look_again, 10);
  const Task second = must(scheduler, 10);
  EXPECT_FALSE(second.unit);
  EXPECT_EQ(second.tries, 1);
  scheduler.opened(second, Mode::segments, {whole()});
  const Task unit = must(scheduler, 11);
  EXPECT_EQ(unit.tries, 0) << "each task by itself";
  scheduler.again(unit, 12);
  scheduler.again(must(scheduler, 12), 13);
  const Task last = must(scheduler, 13);
  EXPECT_EQ(last.tries, 2);
  EXPECT_FALSE(scheduler.may_try_again(last));
  EXPECT_TRUE(scheduler.failed(last));
  scheduler.closed(0, true);
  EXPECT_TRUE(scheduler.next(14).finished);
}

TEST(Scheduler, AFailureEndsItsInputAndNoOther) {
  Scheduler scheduler(setup(2, 3));
  scheduler.opened(must(scheduler), Mode::segments, segments(5));
  const Task a = must(scheduler), b = must(scheduler);
  EXPECT_FALSE(scheduler.failed(a)) << "another unit of it still runs";
  EXPECT_EQ(must(scheduler).input, 1) << "its waiting units are not begun any more";
  EXPECT_TRUE(scheduler.done(b));
}

TEST(Scheduler, AUnitThatWaitsToBeTriedAgainGoesWithItsInput) {
  Scheduler::Setup s = setup(1, 3);
  s.retries = 1;
  Scheduler scheduler(s);
  scheduler.opened(must(scheduler), Mode::segments, {segment(0, 1), segment(1, 1)});
  const Task a = must(scheduler), b = must(scheduler);
  scheduler.again(a, 100);
  EXPECT_TRUE(scheduler.failed(b));
}

TEST(Scheduler, AsManyFailuresAsAllowedEndAll) {
  Scheduler::Setup s = setup(5, 1);
  s.max_failures = 2;
  Scheduler scheduler(s);
  for (int i = 0; i < 2; ++i) {
    const Task task = must(scheduler);
    scheduler.failed(task);
    scheduler.closed(task.input, true);
  }
  EXPECT_TRUE(scheduler.next(0).finished);
}

TEST(Scheduler, AStopBeginsNothingAndWaitsForWhatRuns) {
  Scheduler scheduler(setup(5, 2));
  const Task task = must(scheduler);
  scheduler.stop();
  EXPECT_TRUE(nothing(scheduler)) << "a child process dies with the thread that made it";
  EXPECT_FALSE(scheduler.may_try_again(task));
  scheduler.failed(task);
  EXPECT_TRUE(scheduler.next(0).finished);
}

TEST(Scheduler, ModesRunOneAfterAnother) {
  Scheduler scheduler(setup(3, 2));
  scheduler.opened(must(scheduler), Mode::frames, {whole()});
  EXPECT_TRUE(scheduler.is_for_later(Mode::frames));
  const Task second = must(scheduler);
  EXPECT_EQ(second.input, 1) << "all are opened first";
  scheduler.opened(second, Mode::segments, {whole()});
  const Task short_one = must(scheduler);
  ASSERT_TRUE(short_one.unit);
  EXPECT_EQ(short_one.input, 1);
  const Task third = must(scheduler);
  EXPECT_EQ(third.input, 2);
  scheduler.opened(third, Mode::frames, {whole()});
  EXPECT_TRUE(nothing(scheduler)) << "another mode waits until nothing of this one runs";
  scheduler.done(short_one);
  EXPECT_EQ(must(scheduler).input, 0);
  EXPECT_EQ(must(scheduler).input, 2);
}

TEST(Scheduler, DividesCoresAmongThoseThatCanUseThem) {
  Scheduler::Setup s = setup(2, 8);
  s.divides_cores = true;
  Scheduler scheduler(s);
  const Task a = must(scheduler), b = must(scheduler);
  EXPECT_EQ(a.cores + b.cores, 2) << "to open an input takes one";
  scheduler.opened(a, Mode::frames, {whole()});
  const Task film = must(scheduler);
  EXPECT_EQ(film.cores, 4) << "1, and 6 free ones shared with the other input";
  scheduler.opened(b, Mode::segments, {whole()});
  EXPECT_EQ(must(scheduler).cores, 1) << "one thread can use one";
  EXPECT_EQ(film.memory, 500 * mib);
}

TEST(Scheduler, AloneAUnitHasAllCores) {
  Scheduler::Setup s = setup(1, 8);
  s.divides_cores = true;
  Scheduler scheduler(s);
  scheduler.opened(must(scheduler), Mode::tiles, {whole()});
  EXPECT_EQ(must(scheduler).cores, 8);
}

// Any order of results: each unit is done once, or its input failed, and no bound is passed.
class FakeRunner {
 public:
  FakeRunner(std::uint64_t seed, bool divides) : random_(seed) {
    setup_ = setup(20, 3);
    setup_.memory = 200 * mib;
    setup_.retries = 1;
    setup_.divides_cores = divides;
    scheduler_.emplace(setup_);
  }

  void run() {
    for (double now = 0;; now += 1) {
      const Scheduler::Next next = scheduler_->next(now);
      if (next.finished) break;
      if (next.task) begin(*next.task);
      if (!running_.empty() && (!next.task || random_() % 2)) end(now);
      ASSERT_LT(now, 10000);
    }
    EXPECT_TRUE(running_.empty());
    EXPECT_EQ(closed_, 20);
  }

 private:
  void begin(const Task& task) {
    if (task.unit) {
      const std::string name = std::to_string(task.input) + "/" + task.unit->id;
      EXPECT_TRUE(done_.insert(name + "#" + std::to_string(task.tries)).second) << name;
    }
    running_.push_back(task);
    std::int64_t memory = 0;
    int cores = 0, units = 0;
    for (const Task& r : running_) {
      memory += r.unit ? r.unit->memory : 0;
      units += r.unit.has_value();
      cores += r.cores;
    }
    EXPECT_TRUE(units <= 1 || memory <= setup_.memory);
    EXPECT_LE(static_cast<int>(running_.size()), 3);
    if (setup_.divides_cores) {
      EXPECT_LE(cores, 3);
    }
  }

  void end(double now) {
    const std::size_t which = random_() % running_.size();
    const Task task = running_[which];
    running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(which));
    bool over = false, failed = false;
    if (random_() % 8 == 0) {
      failed = !scheduler_->may_try_again(task);
      over = failed ? scheduler_->failed(task) : scheduler_->again(task, now + random_() % 5);
    } else if (task.unit) {
      over = scheduler_->done(task);
    } else {
      std::vector<Unit> units;
      for (unsigned i = 0; i < random_() % 6; ++i)
        units.push_back(segment(static_cast<int>(i), static_cast<std::int64_t>(random_() % 1000),
                                static_cast<std::int64_t>(random_() % 300) * mib));
      over = scheduler_->opened(task, random_() % 3 ? Mode::segments : Mode::frames, units);
    }
    if (!over) return;
    scheduler_->closed(task.input, failed);
    ++closed_;
  }

  std::mt19937_64 random_;
  Scheduler::Setup setup_;
  std::optional<Scheduler> scheduler_;
  std::vector<Task> running_;
  std::set<std::string> done_;
  int closed_ = 0;
};

TEST(Scheduler, WhateverComesBackInWhateverOrder) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) FakeRunner(seed, seed % 2).run();
}

}  // namespace
}  // namespace quadrant
