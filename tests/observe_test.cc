// SPDX-License-Identifier: MIT
// The reading over time: what is summed, halved and compared, with times that are known.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <nlohmann/json.hpp>
#include <numeric>
#include <stdexcept>
#include <thread>

#include "pipeline/observe/in_progress.h"
#include "pipeline/observe/meter.h"
#include "pipeline/observe/over_time.h"
#include "pipeline/observe/terminal.h"
#include "pipeline/observe/time_left.h"
#include "pipeline/observe/trace.h"
#include "pipeline/observe/unaccounted_cpu.h"

namespace quadrant {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

void sleep_ms(int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

void spin_seconds(double seconds) {
  for (const double until = thread_cpu_seconds() + seconds; thread_cpu_seconds() < until;) {
  }
}

double sum(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

TEST(InProgress, HistogramIntegralAndResidencesAreTheSameTime) {
  ProgressMeter meter;
  const double began = wall_seconds();
  {
    const Ticket one(meter, {}, nullptr);
    sleep_ms(10);
    {
      const Ticket other(meter, {}, nullptr), third(meter, {}, nullptr);
      sleep_ms(20);
      EXPECT_EQ(meter.now(), 3);
    }
    sleep_ms(5);
  }
  const std::vector<double> seconds = meter.histogram();
  ASSERT_EQ(seconds.size(), 3U);
  EXPECT_GE(seconds[0], 0.015);
  EXPECT_GE(seconds[2], 0.020);
  EXPECT_LE(sum(seconds), wall_seconds() - began);
  EXPECT_NEAR(meter.integral(), meter.frame_seconds(), 1e-9);
  EXPECT_EQ(meter.peak(), 3);
  EXPECT_EQ(meter.now(), 0);
}

TEST(InProgress, ReadsWhatIsNotAtItsEndYet) {
  ProgressMeter meter;
  const Ticket one(meter, {}, nullptr);
  sleep_ms(5);
  EXPECT_GE(meter.integral(), 0.005);
  EXPECT_EQ(meter.frame_seconds(), 0);
}

TEST(InProgress, RowsAreTheLowestThatAreFree) {
  ProgressMeter meter;
  const auto first = meter.admit(), second = meter.admit(), third = meter.admit();
  EXPECT_EQ(third.row, 2);
  meter.retire(second);
  meter.retire(first);
  EXPECT_EQ(meter.admit().row, 0);
  EXPECT_EQ(meter.admit().row, 1);
  EXPECT_EQ(meter.admit().row, 3);
}

TEST(InProgress, StatesSumToResidences) {
  ProgressMeter meter;
  FrameState &queue = meter.state({0, FrameStateKind::queue, "blur"}),
             &stage = meter.state({0, FrameStateKind::stage, "blur"});
  EXPECT_STREQ(queue.name(), "queue before blur");
  for (int i = 0; i < 100; ++i) {
    Ticket ticket(meter, {}, nullptr);
    ticket.move_to(queue);
    const double ready = wall_seconds();
    spin_seconds(1e-5);
    ticket.move_to(stage, ready);      // its turn was before it was taken
    ticket.move_to(queue, ready - 1);  // and no time goes backward
  }
  std::int64_t all = 0;
  for (const auto& [key, ns] : meter.state_ns()) all += ns;
  EXPECT_NEAR(static_cast<double>(all) * 1e-9, meter.frame_seconds(), 1e-6);
}

TEST(InProgress, OfOtherProcesses) {
  ProgressMeter meter;
  meter.change(2, 3);
  EXPECT_EQ(meter.now(), 2);
  EXPECT_EQ(meter.peak(), 5);
  meter.change(-2, 0);
  EXPECT_EQ(meter.now(), 0);
}

TEST(OverTime, KeepsTheMeansWhenItHalves) {
  OverTime over({});
  OverTime::Counters now;
  double in_progress = 0, executing = 0;
  constexpr int readings = 123'456;
  for (int i = 1; i <= readings; ++i) {
    now.wall += 0.05;
    now.frame_seconds += in_progress = 0.05 * (i % 7);
    now.cpu += executing = 0.05 * (i % 3);
    now.rss_bytes = i;
    over.add(now);
  }
  const auto& samples = over.samples();
  EXPECT_LE(samples.size(), OverTime::most_samples);
  EXPECT_GE(samples.size(), OverTime::most_samples / 2 - 1);
  double frames = 0, cores = 0, end = 0;
  for (const OverTime::Sample& s : samples) {
    EXPECT_DOUBLE_EQ(s.begin, end);
    frames += s.in_progress * (s.end - s.begin);
    cores += s.executing * (s.end - s.begin);
    end = s.end;
  }
  EXPECT_NEAR(frames, now.frame_seconds, 1e-6 * now.frame_seconds);
  EXPECT_NEAR(cores, now.cpu, 1e-6 * now.cpu);
  EXPECT_EQ(samples.back().rss_bytes, readings);
  EXPECT_NEAR(sum(over.executing_seconds()), now.wall, 1e-6 * now.wall);
  for (const int cores_bin : {0, 4, 8})  // 0, 1 and 2 cores: a third of the time each
    EXPECT_NEAR(sum({over.executing_seconds().begin() + std::max(0, cores_bin - 1),
                     over.executing_seconds().begin() + cores_bin + 1}),
                now.wall / 3, 1);
}

TEST(OverTime, ADipOfTheClockIsNotCountedTwice) {
  OverTime over({.cpu = 1});
  for (const double cpu : {2.0, 1.5, 2.0, 3.0})
    over.add({.wall = static_cast<double>(over.samples().size() + 1), .cpu = cpu});
  double all = 0;
  for (const OverTime::Sample& s : over.samples()) all += s.executing * (s.end - s.begin);
  EXPECT_DOUBLE_EQ(all, 2);
}

TEST(BatchTotals, WhatIsNotOpenedYetIsAsLongAsTheOthers) {
  // One of 100 frames was done, one was up to date, one failed; one waits.
  const BatchTotals t =
      totals({.seconds = 10,
              .inputs = 6,
              .ended = {.done = 2, .failed = 1, .frames = 100, .measured = 1, .made = 100},
              .running = {{"b", "running", "", 70, 200, 50, 6},  // 50 by an earlier run
                          {"e", "running", "", 7, 0, 0, 0}}});   // a pipe
  EXPECT_EQ((std::array{t.done, t.under_way, t.failed, t.left, t.finished()}),
            (std::array<std::size_t, 5>{2, 2, 1, 1, 3}));
  EXPECT_EQ(t.frames, 177);
  EXPECT_DOUBLE_EQ(t.made, 100 + 20);
  EXPECT_DOUBLE_EQ(t.missing, 130 + 2 * (100 + 150) / 2.0);
  EXPECT_DOUBLE_EQ(totals({.inputs = 1}).missing, 0);
  // All of it was done by an earlier run, and is only put together.
  EXPECT_DOUBLE_EQ(totals({.inputs = 1, .running = {{"a", "running", "", 50, 50, 50, 1}}}).missing,
                   0);
}

TEST(BatchTotals, WhatTheEncoderHoldsIsMissing) {
  InputProgress input{.name = "a", .status = "running", .frames = 100, .expected = 100};
  input.held = 60;
  const BatchTotals t = totals({.inputs = 1, .running = {input}});
  EXPECT_EQ(t.frames, 40);
  EXPECT_DOUBLE_EQ(t.made, 40);
  EXPECT_DOUBLE_EQ(t.missing, 60);
}

using Range = std::pair<double, double>;

// Looks once a second at a run that makes `frames(second)` in that second, and a little later
// again.
template <class Frames>
TimeLeft looked_at(int seconds, Frames frames) {
  TimeLeft time;
  double made = 0;
  for (int second = 1; second <= seconds; ++second) {
    made += frames(second);
    time.look(second, made);
    if (made > 0) time.look(second + 0.4, made + 1e6);  // too soon after the last
  }
  return time;
}

TEST(TimeLeft, IsARangeOfTheQuartersPaces) {
  const std::array<int, 4> pattern{40, 20, 10, 5};
  const TimeLeft time = looked_at(40, [&](int second) { return pattern[second % 4]; });
  EXPECT_EQ(time.range(0), std::nullopt);
  EXPECT_EQ(time.range(100), Range(2.5, 20));
  EXPECT_EQ(looked_at(4, [](int) { return 10; }).range(100), std::nullopt);
  EXPECT_EQ(looked_at(5, [](int) { return 10; }).range(100), Range(10, 10));
}

TEST(TimeLeft, IsTheMeanPaceSinceTheFirstFrame) {
  TimeLeft time;
  EXPECT_EQ(time.mean(100), std::nullopt);
  time.look(60, 0);  // an encoder that looks ahead a minute
  time.look(61, 10);
  EXPECT_EQ(time.mean(100), std::nullopt);
  time.look(61.5, 10);
  EXPECT_EQ(time.mean(100), std::nullopt);  // no frame since
  time.look(62, 20);
  EXPECT_EQ(time.mean(100), 10);
  time.look(62.5, 20);
  EXPECT_EQ(time.mean(100), 15);
}

TEST(Terminal, CutsInTheMiddleBetweenCharacters) {
  EXPECT_EQ(columns_of("a\u0301\u65e5b"), 4U);  // an accent takes no column, a wide one two
  EXPECT_EQ(cut_in_middle("take-one.mp4", 12), "take-one.mp4");
  EXPECT_EQ(cut_in_middle("take-one.mp4", 11), "take....mp4");
  EXPECT_EQ(cut_in_middle("\u65e5\u672c\u8a9e\u306e.mp4", 9), "\u65e5...mp4");
  EXPECT_EQ(cut_in_middle("abcdefg\u0301h", 5), "a...h");  // no accent without its letter
  EXPECT_EQ(cut_in_middle("long name", 2), "..");
  EXPECT_EQ(cut_at_end("\u65e5\u672c", 3), "\u65e5");
  const std::string long_name = "\u65e5\u672ca\u0301\u8a9ebcde\u0301fgh.mp4";
  for (std::size_t most = 0; most < 30; ++most)
    EXPECT_LE(columns_of(cut_in_middle(long_name, most)), most);
}

TEST(TimeLeft, HoldsThePaceOfTheWholeTime) {
  const TimeLeft time = looked_at(41, [](int second) { return second % 8 == 0 ? 1000 : 10; });
  const auto [low, high] = time.range(100).value();
  EXPECT_DOUBLE_EQ(low, 100 * 40 / (5 * 1000 + 35 * 10.0));
  EXPECT_DOUBLE_EQ(high, 10);
}

TEST(TimeLeft, AfterALongBeginningAndInBursts) {
  const TimeLeft steady = looked_at(120, [](int second) { return second <= 60 ? 0 : 10; });
  EXPECT_EQ(steady.range(1000), Range(100, 100));
  const TimeLeft bursts = looked_at(72, [](int second) { return second % 8 == 0 ? 80 : 0; });
  EXPECT_EQ(bursts.range(100), Range(10, 10));
  const TimeLeft still = looked_at(60, [](int second) { return second == 1 ? 10 : 0; });
  EXPECT_EQ(still.range(100), std::nullopt);
  const auto [low, high] = looked_at(10000, [](int) { return 3; }).range(300).value();
  EXPECT_NEAR(low, 100, 1e-9);
  EXPECT_NEAR(high, 100, 1e-9);
}

TEST(UnaccountedCpu, NamesWhoSpunAndWhoWasDescheduled) {
  const ThreadReading good{"worker 1", "worker", 1.01, 1.0, 1.01, 0};
  EXPECT_THAT(unaccounted_cpu_of({good}).words, IsEmpty());
  const ThreadReading descheduled{"worker 2", "worker", 2.0, 1.0, 1.0, 0.75},
      spun{"worker 3", "worker", 1.0, 1.0, 1.5, 0}, codec{"av:x", "", 0, 0, 3.0, 0};
  const UnaccountedCpu d = unaccounted_cpu_of({good, descheduled, spun, codec});
  EXPECT_NEAR(d.share, (0.01 + 1.0 + 0.01 + 0.5 + 3.0) / 6.51, 1e-9);
  ASSERT_EQ(d.words.size(), 3U);
  EXPECT_THAT(d.words[0], HasSubstr("worker 2: 1.00 s of the 2.00 s it was at work were not "
                                    "executing (0.75 s descheduled, 0.25 s waiting in a call)"));
  EXPECT_THAT(d.words[1], HasSubstr("worker 3: 0.50 s executing outside of any stage"));
  EXPECT_THAT(d.words[2], HasSubstr("av:x: 3.00 s executing outside of any stage (a library's"));
}

const ThreadReading& named(const std::vector<ThreadReading>& all, std::string_view name) {
  const auto found = std::ranges::find(all, name, &ThreadReading::name);
  if (found == all.end()) throw std::runtime_error("no thread " + std::string(name));
  return *found;
}

TEST(Threads, MarksAndClocks) {
  ThreadClocks clocks;
  StageMeter stage("stage"), storage("read", true);
  std::thread([&] {
    call_this_thread("tested");
    {
      const ScopedTimer outer(stage);
      spin_seconds(0.03);
      const ScopedTimer inner(
          storage);  // a nested mark counts once, and waiting for storage is excused
      sleep_ms(50);
    }
    spin_seconds(0.02);  // marked by nobody
    stage.time([] { sleep_ms(20); });
  }).join();
  const std::vector<ThreadReading> all = clocks.readings();
  const ThreadReading& tested = named(all, "tested 1");
  const double idle = tested.busy - tested.busy_cpu;
  EXPECT_GE(idle, 0.019);
  EXPECT_LE(idle - tested.delayed, 0.035);  // on a busy machine it is descheduled as well
  EXPECT_GE(tested.busy_cpu, 0.03);
  EXPECT_LT(tested.busy_cpu, 0.045);
  EXPECT_NEAR(tested.cpu - tested.busy_cpu, 0.02, 0.01);
  EXPECT_EQ(stage.calls(), 2);
}

TEST(Threads, RowsAreUsedAgainAndSumToTheProcess) {
  ThreadClocks clocks;
  const double before = own_cpu_seconds();
  for (int i = 0; i < 5; ++i)
    std::thread([] {
      call_this_thread("again");
      spin_seconds(0.01);
    }).join();
  std::thread([] { spin_seconds(0.01); }).join();  // a library's, gone before anybody looked
  const std::vector<ThreadReading> all = clocks.readings();
  EXPECT_NEAR(named(all, "again 1").cpu, 0.05, 0.01);
  double cpu = 0;
  for (const ThreadReading& t : all) {
    EXPECT_NE(t.name, "again 2");
    cpu += t.cpu;
  }
  EXPECT_NEAR(cpu, own_cpu_seconds() - before, 0.01);
}

TEST(Trace, EveryEventIsThereAndTextIsEscaped) {
  std::string text;
  const int events = 10'000;  // of several full buffers
  StageMeter stage("stage");
  {
    Trace trace([&](std::string_view piece) { text += piece; }, "a \"test\"");
    ProgressMeter meter;
    const char* input = trace.kept("a\"b\n\xff.mp4");
    std::thread([&] {
      for (int i = 0; i < events; ++i) stage.time([] {}, i);
      Ticket frame(meter, {.number = 7, .seconds = 0.5, .of = input}, nullptr);
      frame.move_to(meter.state({0, FrameStateKind::stage, "stage"}));
      sleep_ms(1);
    }).join();
    trace.finish();
    EXPECT_EQ(Trace::active(), nullptr);
  }
  stage.time([] {});  // no longer traced
  const nlohmann::json all = nlohmann::json::parse(text);
  EXPECT_EQ(all["otherData"]["about"], "a \"test\"");
  int strips = 0, frames = 0, states = 0;
  for (const nlohmann::json& e : all["traceEvents"]) {
    if (e["ph"] != "X") continue;
    strips += e["cat"] == "work" && e["name"] == "stage" && e["args"]["strip"] == strips;
    states += e["cat"] == "state" && e["dur"] >= 1000.0;
    if (e["cat"] != "frame") continue;
    ++frames;
    EXPECT_EQ(e["name"], "frame 7");
    EXPECT_EQ(e["args"]["seconds"], 0.5);
    EXPECT_EQ(e["args"]["input"], "a\"b\n\xef\xbf\xbd.mp4");
  }
  EXPECT_EQ(strips, events);
  EXPECT_EQ(frames, 1);
  EXPECT_EQ(states, 1);
}

}  // namespace
}  // namespace quadrant
