// SPDX-License-Identifier: MIT
// quadrant verify finds what it is for: stages that break a promise are named, where and with both
// values, and jobs that keep theirs are called the same.
#include "pipeline/verify/verify.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <iostream>

#include "pipeline/job/batch.h"
#include "pipeline/media/log.h"
#include "tests/planted_stages.h"

namespace quadrant {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const std::vector<VerifyCell> all_cells{{.confined = true},
                                        {.mode = Mode::sequential},
                                        {.mode = Mode::concurrent},
                                        {.mode = Mode::tiles, .cores = 2},
                                        {.mode = Mode::frames, .cores = 2, .in_flight = 2},
                                        {.mode = Mode::frames, .cores = 2},
                                        {.mode = Mode::frames, .cores = 3},
                                        {.mode = Mode::segments, .cores = 2}};

class Verify : public testing::Test {
 protected:
  void SetUp() override {
    keep_libav_log();
    std::string pattern = (fs::temp_directory_path() / "quadrant-verify-test-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }
  void TearDown() override { fs::remove_all(directory_); }

  JobSpec job(const std::string& stages, const std::string& video = "{codec: ffv1}") {
    return read_job("test.yaml",
                    "version: 1\noutput: {path: out.mkv, video: " + video + "}\nstages: " + stages,
                    test::planted_stages());
  }

  VerifyResult run(const JobSpec& job, const std::vector<InputSpec>& inputs,
                   const std::vector<VerifyCell>& cells = all_cells) {
    const StopFlag stop;
    return verify(job, {.inputs = inputs, .cells = cells, .directory = directory_ / "scratch"},
                  stop);
  }

  static void expect_same(const VerifyResult& result) {
    EXPECT_TRUE(result.complete());
    for (const VerifyResult::Input& input : result.inputs) EXPECT_EQ(input.failure, "");
    for (const VerifiedCell& cell : result.cells) {
      EXPECT_TRUE(cell.agrees()) << name_of(cell.cell);
      EXPECT_THAT(cell.failures, testing::IsEmpty()) << name_of(cell.cell);
      for (const Difference& d : cell.differences) ADD_FAILURE() << describe(d);
      EXPECT_EQ(cell.frames, result.cells.front().frames) << name_of(cell.cell);
    }
  }

  fs::path directory_;
};

constexpr const char* moving = "lavfi:testsrc2=s=322x246:r=25:d=1,format=yuv420p,settb=1/25";
// Every sample of frame N is N.
constexpr const char* counting =
    "lavfi:color=black:s=96x64:r=25:d=0.5,format=gray,geq=lum='N',settb=1/25";

const Difference* difference_in(const VerifyResult& result, const VerifyCell& cell) {
  for (const VerifiedCell& told : result.cells)
    if (told.cell == cell && !told.differences.empty()) return &told.differences.front();
  return nullptr;
}

// The stage, and all that a person needs to look at it.
bool names(const Difference& d, const std::string& stage, int number) {
  return d.stage == stage && d.number == number && d.kind == Difference::Kind::differs &&
         !d.tile.empty() && d.sample && d.sample->value != d.sample->expected && d.frame >= 0;
}

TEST_F(Verify, JobsThatKeepTheirPromisesAreTheSame) {
  const VerifyResult result = run(
      job("[denoise: {strength: 4, search: 5}, temporal_denoise: {past: 2, future: 1}, "
          "wait: {ms: 1}, deflicker: {}, clahe: {}, ffmpeg: \"eq=contrast=1.1\", "
          "scale: {width: 200}, blur: {sigma: 1}, sharpen: {}, median: {}, rotate: {degrees: 90}]",
          "{codec: libx264, preset: ultrafast}"),
      {moving, "lavfi:testsrc2=s=64x50:r=25:d=0.6,format=yuv422p10le"});
  expect_same(result);
  EXPECT_EQ(result.cells.size(), all_cells.size());
  EXPECT_EQ(result.cells.front().frames, 40);
  EXPECT_THAT(
      result.inputs[0].points,
      testing::ElementsAre("decode", "denoise", "temporal_denoise", "wait", "deflicker", "clahe",
                           "ffmpeg", "scale", "blur", "sharpen", "median", "rotate", "encode"));
}

TEST_F(Verify, ARaceIsNamed) {
  const JobSpec spec = job("[levels: {gamma: 1.2}, shared_scratch: {}, sharpen: {}]");
  constexpr int runs = 20;
  int found = 0;
  for (int i = 0; i < runs; ++i) {
    const VerifyResult result = run(spec, {moving});
    EXPECT_EQ(difference_in(result, {.confined = true}), nullptr);
    EXPECT_EQ(difference_in(result, {.mode = Mode::sequential}), nullptr);
    EXPECT_EQ(difference_in(result, {.mode = Mode::concurrent}), nullptr);  // one core, no race
    EXPECT_FALSE(result.inputs.front().unsteady);
    bool named = false;
    for (const VerifiedCell& cell : result.cells)
      for (const Difference& d : cell.differences) {
        EXPECT_TRUE(names(d, "shared_scratch", 2)) << describe(d);  // never another stage
        if (found == 0 && !named) std::cout << name_of(cell.cell) << ": " << describe(d) << '\n';
        named = true;
      }
    found += named && !result.agrees();
  }
  std::cout << "the race was found and named in " << found << " of " << runs << " runs\n";
  EXPECT_GE(found, 19);
}

TEST_F(Verify, AFalseReachIsNamed) {
  const JobSpec spec = job("[levels: {gamma: 1.2}, false_reach: {}, sharpen: {}]");
  for (int i = 0; i < 20; ++i) {
    const VerifyResult result = run(spec, {moving}, {{.confined = true}, {}});
    const Difference* d = difference_in(result, {.confined = true});
    ASSERT_NE(d, nullptr);
    EXPECT_TRUE(names(*d, "false_reach", 2)) << describe(*d);
    EXPECT_EQ(d->frame, 0);
  }
}

// So far that the rows that strips have for later stages are not enough either.
TEST_F(Verify, AFalseReachThatChangesResultsIsNamedInEveryMode) {
  const VerifyResult result = run(job("[blur: {}, false_reach: {reads: 12}]"), {moving});
  for (const VerifyCell& cell : all_cells) {
    const Difference* d = difference_in(result, cell);
    ASSERT_NE(d, nullptr) << name_of(cell);
    EXPECT_TRUE(names(*d, "false_reach", 2)) << describe(*d);
  }
}

TEST_F(Verify, MemoryThatWasNotDeclaredIsNamed) {
  const VerifyResult result = run(job("[sharpen: {}, false_order: {}]"), {moving});
  const Difference* d = difference_in(result, {.mode = Mode::frames, .cores = 2});
  ASSERT_NE(d, nullptr);
  EXPECT_EQ(d->stage, "false_order");
}

TEST_F(Verify, MemoryThatIsLongerThanDeclaredIsNamedWhereTheInputIsCut) {
  const JobSpec made =
      read_job("clip.yaml",
               "version: 1\noutput: {path: '" + (directory_ / "clip.mkv").string() +
                   "', video: {codec: libx264, g: 10, keyint_min: 10}}",
               test::planted_stages());
  const StopFlag stop;
  Batch clip(
      made,
      {.inputs = {"lavfi:testsrc2=s=96x64:r=10:d=6,format=yuv420p"}, .mode = Mode::sequential},
      stop);
  clip.run();
  const std::string input = directory_ / "clip.mkv";
  const std::string cut = "{codec: libx264, preset: veryfast, segment: 1}";
  expect_same(run(job("[temporal_denoise: {past: 2, future: 1}, deflicker: {}]", cut), {input}));
  const VerifyResult result = run(job("[sharpen: {}, false_warm_up: {}]", cut), {input});
  for (const VerifyCell& cell : all_cells) {
    const Difference* d = difference_in(result, cell);
    EXPECT_EQ(d == nullptr, cell.confined) << name_of(cell);  // that one is not cut
    if (!d) continue;
    EXPECT_TRUE(names(*d, "false_warm_up", 2)) << describe(*d);
    EXPECT_EQ(d->frame % 10, 0) << describe(*d);  // the first of a segment
  }
}

TEST_F(Verify, FrameTilePixelAndValuesAreRight) {
  const VerifyResult result = run(job("[one_sample: {}]"), {counting});
  for (const VerifiedCell& cell : result.cells) {
    ASSERT_EQ(cell.differences.size(), 1) << name_of(cell.cell);
    EXPECT_EQ(
        describe(cell.differences.front()),
        std::string(counting) +
            ": one_sample (stage 1): frame 5 at 0.200 s, tile 2 of 4 (rows 16 to 31), plane 0 "
            "(Y), pixel 7,20: 6, and 5 in the reference");
    const std::vector<Difference::Spread>& spread = cell.differences.front().spread;
    ASSERT_EQ(spread.size(), 2);  // the stage and before the encoder
    EXPECT_EQ(spread[0].frames, 1);
    EXPECT_EQ(spread[1].frames, 1);
  }
}

TEST_F(Verify, WritingWhereOthersReadIsNamed) {
  for (const char* stage : {"false_target", "false_tile"}) {
    const VerifyResult result = run(job(fmt::format("[levels: {{gamma: 1.2}}, {}: {{}}]", stage)),
                                    {moving}, {{.confined = true}});
    EXPECT_FALSE(result.agrees());
    ASSERT_EQ(result.cells.front().breaches.size(), 1) << stage;
    EXPECT_THAT(result.cells.front().breaches[0], HasSubstr(std::string(stage) + ": writes"));
  }
}

TEST_F(Verify, AReferenceThatDiffersFromItselfIsSaid) {
  const VerifyResult result = run(job("[ffmpeg: \"random=frames=20\"]"), {moving}, {{}});
  EXPECT_FALSE(result.agrees());
  EXPECT_TRUE(result.inputs.front().unsteady);
}

TEST_F(Verify, WhatCannotRunIsToldAndTheOthersAreCompared) {
  const VerifyResult result =
      run(job("[ffmpeg: hqdn3d]"), {"gone.mp4", moving},
          {{}, {.mode = Mode::segments, .cores = 2}, {.mode = Mode::frames, .cores = 2}});
  EXPECT_THAT(result.inputs[0].failure, HasSubstr("gone.mp4"));
  EXPECT_FALSE(result.complete());
  EXPECT_TRUE(result.agrees());
  ASSERT_EQ(result.cells.size(), 3);
  ASSERT_EQ(result.cells[1].refused.size(), 1);
  EXPECT_THAT(result.cells[1].refused[0], HasSubstr("mode segments is not possible"));
  EXPECT_EQ(result.cells[2].frames, 25);
}

TEST_F(Verify, LimitsOfFramesInFlightAreKept) {
  const VerifyResult result =
      run(job("[wait: {ms: 5}, temporal_denoise: {past: 1, future: 1}]"), {moving},
          {{},
           {.mode = Mode::frames, .cores = 2, .in_flight = 2},
           {.mode = Mode::frames, .cores = 2, .in_flight = 5},
           {.mode = Mode::frames, .cores = 2}});
  expect_same(result);
  EXPECT_LE(result.cells[1].peak, 2 + 2);  // and two that the window keeps
  EXPECT_LE(result.cells[2].peak, 5 + 2);
  EXPECT_GT(result.cells[2].peak, 2);
  EXPECT_GT(result.cells[3].peak, 7);
}

}  // namespace
}  // namespace quadrant
