// SPDX-License-Identifier: MIT
// The predictions against what can be computed by hand: sums, the slowest serial node, Little's
// law, list scheduling; and what advice makes of them.
#include "pipeline/plan/bounds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/scaling/advice.h"

namespace quadrant {
namespace {

using testing::DoubleNear;

constexpr double ms = 1e-3;

ModelStep step(ModelStep::Kind kind, Cost cost, int strips = 1) {
  return {.kind = kind, .stages = {{"stage", cost}}, .strips = strips, .future = 0};
}

// One input in `units` parts of `frames` each.
Workload job(std::vector<ModelStep> steps, std::int64_t frames, int units = 1) {
  Workload w;
  w.decode = 1 * ms;
  w.steps = std::move(steps);
  w.encode.cpu = 2 * ms;
  w.inputs.push_back({});
  for (int i = 0; i < units; ++i) w.inputs[0].units.push_back({frames, frames, frames, 1});
  return w;
}

auto about(double value, double share) { return DoubleNear(value, value * share); }

constexpr std::array modes{Mode::sequential, Mode::concurrent, Mode::tiles, Mode::frames,
                           Mode::segments};

TEST(Bounds, OneFrameAtATimeTakesTheSum) {
  const Workload w = job({step(ModelStep::Kind::parallel, {7 * ms, 0}),
                          step(ModelStep::Kind::async, {1 * ms, 20 * ms})},
                         100);
  const Prediction p = predict(w, Mode::sequential, 8);
  EXPECT_THAT(p.wall_seconds, about(100 * 31 * ms, 1e-9));
  EXPECT_THAT(p.executing(), about(11.0 / 31, 1e-9));
  EXPECT_THAT(p.in_progress, about(30.0 / 31, 1e-9));  // all but decoding
  EXPECT_EQ(p.peak_in_progress, 1);
}

TEST(Bounds, EveryModeComputesTheSame) {
  const Workload w = job(
      {step(ModelStep::Kind::parallel, {5 * ms, 0}, 8), step(ModelStep::Kind::serial, {3 * ms, 0}),
       step(ModelStep::Kind::async, {1 * ms, 4 * ms})},
      60, 3);
  for (const Mode mode : modes)
    for (const int cores : {1, 2, 3, 16}) {
      const Prediction p = predict(w, mode, cores);
      EXPECT_THAT(p.cpu_seconds, about(180 * 12 * ms, 1e-9)) << name_of(mode) << cores;
      EXPECT_EQ(p.frames, 180);
      EXPECT_LE(p.executing(), (runs_on_one_core(mode) ? 1 : cores) + 1e-9);
    }
}

TEST(Bounds, FramesScaleUntilASerialNodeIsFull) {
  const Workload w = job({step(ModelStep::Kind::parallel, {13 * ms, 0})}, 2000);
  for (const int cores : {1, 2, 4})  // 16 ms of work a frame
    EXPECT_THAT(predict(w, Mode::frames, cores).fps(), about(cores / (16 * ms), 0.02)) << cores;
  EXPECT_THAT(predict(w, Mode::frames, 64).fps(), about(1 / (2 * ms), 0.02));  // the encoder
  EXPECT_EQ(predict(w, Mode::frames, 64).limit, "encode");
  EXPECT_EQ(predict(w, Mode::frames, 2).limit, "2 cores (stage 81 %)");
}

TEST(Bounds, AStageInOrderIsASerialNode) {
  const Workload w = job(
      {step(ModelStep::Kind::parallel, {13 * ms, 0}), step(ModelStep::Kind::serial, {4 * ms, 0})},
      2000);
  // The last frame goes through all of it: 20 ms, of which the node's 4 are counted.
  EXPECT_THAT(predict(w, Mode::frames, 64).wall_seconds, about(2000 * 4 * ms + 16 * ms, 1e-9));
  EXPECT_EQ(predict(w, Mode::frames, 64).limit, "stage");
  EXPECT_THAT(predict(w, Mode::frames, 4).fps(), about(4 / (20 * ms), 0.02));
}

TEST(Bounds, WhatWaitsIsBoundByFramesInProgress) {
  Workload w = job({step(ModelStep::Kind::async, {0, 1000 * ms})}, 4000);
  w.decode = w.encode.cpu = 0.01 * ms;
  const int most = frames_in_progress(Mode::concurrent, 1, true);
  const Prediction p = predict(w, Mode::concurrent, 1);
  EXPECT_THAT(p.fps(), about(most / 1.0, 0.03));  // Little's law
  EXPECT_THAT(p.in_progress, about(most, 0.03));
  EXPECT_THAT(predict(w, Mode::sequential, 1).fps(), about(1, 0.01));
  EXPECT_EQ(p.limit, "frames in progress");
  EXPECT_EQ(predict(w, Mode::sequential, 1).limit, "stage");
}

TEST(Bounds, TheFirstFrameIsWaitedFor) {
  const Workload w = job({step(ModelStep::Kind::async, {0, 40 * ms})}, 50);
  EXPECT_THAT(predict(w, Mode::concurrent, 1).wall_seconds, about((40 + 50 * 3) * ms, 1e-9));
}

TEST(Bounds, MemoryBoundsFramesInProgress) {
  Workload w = job({step(ModelStep::Kind::async, {0, 100 * ms})}, 500);
  w.frame_bytes = 1000;
  w.memory = 10'000;
  const Prediction p = predict(w, Mode::frames, 4);
  EXPECT_EQ(p.peak_in_progress, 10);
  EXPECT_THAT(p.fps(), about(100, 0.1));
  EXPECT_EQ(p.limit, "memory");
}

TEST(Bounds, WorkersTakeTheHeaviestUnitFirst) {
  Workload w;
  w.encode.cpu = 1 * ms;
  w.inputs.push_back({});
  for (const std::int64_t frames : {300, 200, 400, 500})
    w.inputs[0].units.push_back({frames, frames, frames, 1});
  EXPECT_THAT(predict(w, Mode::segments, 2).wall_seconds, about(0.7, 1e-9));  // 500+200, 400+300
  EXPECT_THAT(predict(w, Mode::segments, 4).wall_seconds, about(0.5, 1e-9));
  EXPECT_THAT(predict(w, Mode::segments, 64).wall_seconds, about(0.5, 1e-9));
  w.inputs[0].units.resize(2, w.inputs[0].units[0]);
  for (ModelUnit& unit : w.inputs[0].units) unit = {300, 300, 300, 1};
  EXPECT_EQ(predict(w, Mode::segments, 2).peak_in_progress, 2);
}

TEST(Bounds, WhoHasNothingToBeginHelpsTheLastUnits) {
  Workload w = job({step(ModelStep::Kind::parallel, {13 * ms, 0})}, 600);
  w.inputs[0].units = {{600, 600, 600, 1}};
  for (const int cores : {2, 4})
    EXPECT_THAT(predict(w, Mode::segments, cores).fps(),
                about(predict(w, Mode::frames, cores).fps(), 0.02));
  w.inputs[0].units = {{600, 600, 600, 1}, {300, 300, 300, 1}};  // 16 ms of work a frame
  EXPECT_THAT(predict(w, Mode::segments, 2).wall_seconds, about(900 * 16 * ms / 2, 0.01));
  EXPECT_THAT(predict(w, Mode::segments, 2).cpu_seconds, about(900 * 16 * ms, 1e-9));
}

TEST(Bounds, WorkersThatWaitScaleBeyondCores) {
  Workload w = job({step(ModelStep::Kind::async, {0, 200 * ms})}, 50, 64);
  w.decode = w.encode.cpu = 0;
  const double one = predict(w, Mode::segments, 1).fps();
  for (const int workers : {2, 4, 8, 16, 32, 64})
    EXPECT_THAT(predict(w, Mode::segments, workers).fps(), about(workers * one, 1e-6));
}

TEST(Bounds, TilesSpreadStripsOnly) {
  const Workload w = job({step(ModelStep::Kind::parallel, {12 * ms, 0}, 6)}, 100);
  EXPECT_THAT(predict(w, Mode::tiles, 2).wall_seconds, about(100 * (1 + 6 + 2) * ms, 1e-9));
  EXPECT_THAT(predict(w, Mode::tiles, 4).wall_seconds,
              about(100 * (1 + 4 + 2) * ms, 1e-9));  // 2, 2, 1, 1
  EXPECT_LE(predict(w, Mode::tiles, 4).in_progress, 1);
}

TEST(Bounds, HandingStripsOutIsWorkToo) {
  Workload w = job({step(ModelStep::Kind::parallel, {12 * ms, 0}, 6)}, 100);
  w.spread = 1 * ms;
  const Prediction p = predict(w, Mode::tiles, 2);
  EXPECT_THAT(p.wall_seconds, about(100 * (1 + 6 + 1 + 2) * ms, 1e-9));
  EXPECT_THAT(p.cpu_seconds, about(100 * (1 + 12 + 2 + 2) * ms, 1e-9));
}

TEST(Bounds, WindowsHoldFramesAndGiveThemAll) {
  Workload w = job({step(ModelStep::Kind::parallel, {4 * ms, 0})}, 300);
  w.steps[0].future = 3;
  w.windows = 5;
  const Prediction p = predict(w, Mode::frames, 2);
  EXPECT_THAT(p.cpu_seconds, about(300 * 7 * ms, 1e-9));
  EXPECT_THAT(p.fps(), about(2 / (7 * ms), 0.05));
}

TEST(Bounds, FramesBesideASegmentCostButDoNotCount) {
  Workload w = job({step(ModelStep::Kind::parallel, {4 * ms, 0})}, 100);
  w.inputs[0].units = {{100, 130, 110, 1}};
  for (const Mode mode : modes)
    EXPECT_THAT(predict(w, mode, 2).cpu_seconds, about((130 * 1 + 110 * 4 + 100 * 2) * ms, 1e-9));
}

TEST(Bounds, AnEncoderFillsUpAndGivesTheRestAtTheEnd) {
  Workload w = job({}, 100);
  w.decode = 0;
  w.encode = {.held = 30, .filling = 0.5 * ms, .cpu = 10 * ms};
  const Prediction p = predict(w, Mode::frames, 2);
  EXPECT_THAT(p.cpu_seconds, about((30 * 0.5 + 100 * 10) * ms, 1e-9));
  EXPECT_THAT(p.wall_seconds, about(p.cpu_seconds, 1e-9));  // one serial node
}

TEST(Bounds, AnEncodersThreadsEncodeSeveralFrames) {
  Workload w = job({}, 1000);
  w.decode = 0;
  w.encode = {.held = 12, .cpu = 0, .threads = 3, .threads_cpu = 9 * ms};
  for (const Mode mode : {Mode::sequential, Mode::frames}) {
    EXPECT_THAT(predict(w, mode, mode == Mode::frames ? 8 : 1).cpu_seconds, about(9, 1e-9));
    EXPECT_THAT(predict(w, mode, 1).fps(), about(1 / (9 * ms), 0.02)) << name_of(mode);
  }
  EXPECT_THAT(predict(w, Mode::frames, 8).fps(), about(3 / (9 * ms), 0.03));
}

TEST(Bounds, CoresThatShareSlowEachOther) {
  Workload w = job({}, 400, 8);
  w.contention = {1.5, 2};
  EXPECT_THAT(predict(w, Mode::segments, 1).cpu_seconds, about(9.6, 1e-9));
  EXPECT_THAT(predict(w, Mode::segments, 2).cpu_seconds, about(9.6 * 1.5, 1e-9));
}

TEST(Bounds, InputsAreOpenedAndFinished) {
  Workload w = job({}, 10);
  w.inputs.assign(3, w.inputs[0]);
  for (ModelInput& input : w.inputs) input.open = 50 * ms, input.finish = 20 * ms;
  w.begin = 5 * ms;
  for (const Mode mode : modes)
    EXPECT_THAT(predict(w, mode, 4).cpu_seconds, about(3 * (30 + 50 + 20 + 5) * ms, 1e-9));
}

TEST(Bounds, OfASlowerMachine) {
  Workload w = job({step(ModelStep::Kind::parallel, {.cpu = 5 * ms, .wait = 7 * ms}, 4)}, 50, 2);
  w.read = {.cpu = 1 * ms, .wait = 2 * ms};
  w.write = {.cpu = 1 * ms, .wait = 3 * ms};
  w.encode = {.held = 5, .filling = 1 * ms, .cpu = 2 * ms, .threads = 2, .threads_cpu = 4 * ms};
  w.spread = w.begin = 3 * ms;
  w.inputs[0].open = w.inputs[0].finish = 10 * ms;
  const Workload slow = at_speed(w, {1 / 3.0, 1 / 3.0});
  for (const Mode mode : modes)
    EXPECT_THAT(predict(slow, mode, 2).cpu_seconds,
                about(3 * predict(w, mode, 2).cpu_seconds, 1e-9));
  EXPECT_THAT(slow.per_frame().wait, about(w.per_frame().wait, 1e-9));
}

TEST(Bounds, AMachineSlowerAloneThanTogether) {
  Workload w = job({}, 400, 8);
  w.contention = {1.5, 2};
  const Workload now = at_speed(w, {.alone = 1 / 1.4, .together = 1 / 1.6});
  EXPECT_THAT(predict(now, Mode::segments, 1).cpu_seconds, about(9.6 * 1.4, 1e-9));
  EXPECT_THAT(predict(now, Mode::segments, 2).cpu_seconds, about(9.6 * 1.6, 1e-9));
}

TEST(Bounds, ContentionGrowsByTheCoreUpToWhatWasMeasured) {
  const Contention measured{1.6, 4};
  EXPECT_THAT(measured.at(1), about(1, 1e-9));
  EXPECT_THAT(measured.at(2), about(1.2, 1e-9));
  EXPECT_THAT(measured.at(4), about(1.6, 1e-9));
  EXPECT_THAT(measured.at(64), about(1.6, 1e-9));
  EXPECT_THAT(Contention{}.at(8), about(1, 1e-9));
}

std::vector<Cell> cells_up_to(int cores) {
  return {{Mode::sequential, 1},
          {Mode::concurrent, 1},
          {Mode::tiles, cores},
          {Mode::frames, cores},
          {Mode::segments, cores}};
}
const Obstacle none = [](Mode) { return ""; };

TEST(Advice, NamesTheQuadrantThatTheJobNeeds) {
  using testing::HasSubstr;
  Workload waits = job({step(ModelStep::Kind::async, {0, 400 * ms})}, 5000);
  waits.decode = waits.encode.cpu = 0.01 * ms;
  const Advice io = advise(waits, cells_up_to(2), none);
  EXPECT_EQ(io.best().cell, (Cell{Mode::concurrent, 1}));
  EXPECT_THAT(io.summary[0], HasSubstr("I/O-bound"));
  EXPECT_THAT(io.summary[1], HasSubstr("Concurrency: yes"));

  const Advice cpu =
      advise(job({step(ModelStep::Kind::parallel, {30 * ms, 0}, 8)}, 500), cells_up_to(2), none);
  EXPECT_EQ(cpu.best().cell, (Cell{Mode::frames, 2}));
  EXPECT_THAT(cpu.summary[0], HasSubstr("CPU-bound"));
  EXPECT_THAT(cpu.summary[1], HasSubstr("no"));
  EXPECT_THAT(cpu.summary[2], HasSubstr("Parallelism: yes"));

  Workload picture = job({step(ModelStep::Kind::parallel, {3000 * ms, 0}, 64)}, 1);
  EXPECT_EQ(advise(picture, cells_up_to(2), none).best().cell, (Cell{Mode::tiles, 2}));

  const Advice film = advise(job({}, 500, 8), cells_up_to(4), none);
  EXPECT_EQ(film.best().cell, (Cell{Mode::segments, 4}));
}

TEST(Advice, RecommendsNothingThatIsImpossible) {
  const Obstacle no_segments = [](Mode mode) {
    return mode == Mode::segments ? "it remembers" : "";
  };
  const Advice a = advise(job({}, 500, 8), cells_up_to(4), no_segments);
  EXPECT_NE(a.best().cell.mode, Mode::segments);
  EXPECT_EQ(a.cells.back().impossible, "it remembers");
  for (const WhatIf& w : a.what_ifs) EXPECT_NE(w.best.mode, Mode::segments);
}

std::vector<PredictedCell> predicted(double segments, double frames, double tiles) {
  std::vector<PredictedCell> cells;
  for (const auto& [mode, fps] :
       {std::pair(Mode::segments, segments), {Mode::frames, frames}, {Mode::tiles, tiles}})
    cells.push_back(
        {.cell = {mode, 2}, .prediction = {.wall_seconds = 1000 / fps, .frames = 1000}});
  return cells;
}

TEST(Recommended, NoiseDoesNotFlipTheChoice) {
  const std::vector<Mode> order{Mode::segments, Mode::frames, Mode::tiles};
  const auto taken = [&](double segments, double frames, double tiles) {
    const auto cells = predicted(segments, frames, tiles);
    return cells[recommended_of(cells, order)].cell.mode;
  };
  for (const double noise : {0.96, 0.98, 1.0, 1.02, 1.04}) {
    EXPECT_EQ(taken(100, 100 * noise, 100 / noise), Mode::segments) << noise;
    EXPECT_EQ(taken(50, 100, 100 * noise), Mode::frames) << noise;
  }
  EXPECT_EQ(taken(100, 106, 90), Mode::frames);
  EXPECT_EQ(taken(100, 90, 106), Mode::tiles);
  EXPECT_EQ(taken(100, 102, 106), Mode::frames);  // the first of the two that are about as fast
}

TEST(Recommended, ThePlansModeUnlessAnotherIsClearlyFaster) {
  const auto taken = [&](double segments, double frames, double tiles) {
    const auto cells = predicted(segments, frames, tiles);
    return cells[recommended_of(cells, {Mode::tiles, Mode::segments, Mode::frames})].cell.mode;
  };
  EXPECT_EQ(taken(104, 100, 100), Mode::tiles);
  EXPECT_EQ(taken(106, 106, 100), Mode::segments);
}

TEST(Recommended, FewerCoresWhereTheyAreAsGood) {
  std::vector<PredictedCell> cells = predicted(100, 100, 100);
  cells[1].cell.cores = 1;
  EXPECT_EQ(recommended_of(cells, {Mode::segments}), 1U);
}

TEST(Advice, TellsWhatAChangeWouldBuy) {
  const Advice a =
      advise(job({step(ModelStep::Kind::parallel, {30 * ms, 0})}, 500), cells_up_to(2), none);
  ASSERT_FALSE(a.what_ifs.empty());
  EXPECT_THAT(a.what_ifs.front().change, testing::AnyOf("twice the cores", "stage twice as fast"));
  for (const WhatIf& w : a.what_ifs) EXPECT_GE(w.gain, 1.03) << w.change;
}

}  // namespace
}  // namespace quadrant
