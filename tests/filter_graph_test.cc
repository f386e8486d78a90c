// SPDX-License-Identifier: MIT
#include "pipeline/media/filter_graph.h"

#include <gmock/gmock.h>

#include <atomic>

#include "pipeline/error.h"
#include "pipeline/media/log.h"
#include "tests/pictures.h"

namespace quadrant {
namespace {

using test::format;
using test::picture;
using testing::AllOf;
using testing::HasSubstr;

void in_turn(int count, const std::function<void(int)>& body) {
  for (int i = 0; i < count; ++i) body(i);
}

// The message of the Error that `chain` gives on a 64x48 input.
std::string refusal(const std::string& chain, Fault expected = Fault::usage) {
  keep_libav_log();
  try {
    FilterGraph(format("yuv420p", 64, 48), chain, in_turn);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), expected) << error.what();
    return error.what();
  }
  return "not refused";
}

TEST(FilterGraph, KnowsItsOutputBeforeTheFirstFrame) {
  const FilterGraph graph(format("yuv420p", 64, 48), "scale=32:48,format=rgb24,fps=50", in_turn);
  const Format& out = graph.output();
  EXPECT_EQ(out.pixels.name(), "rgb24");
  EXPECT_EQ(out.width, 32);
  EXPECT_EQ(out.height, 48);
  EXPECT_EQ(out.sample_aspect, (Rational{2, 1}));
  EXPECT_EQ(out.frame_rate, (Rational{50, 1}));
  EXPECT_EQ(out.time_base, (Rational{1, 50}));
}

TEST(FilterGraph, OneFrameIn_OneFrameOut) {
  FilterGraph graph(format("yuv420p", 64, 48), "hflip", in_turn);
  const Frame in = picture(format("yuv420p", 64, 48), 1, 7);
  graph.push(in);
  const Frame out = graph.pull();
  ASSERT_TRUE(out);
  EXPECT_EQ(out.pts(), 7);
  EXPECT_EQ(test::sample(out, 0, 63, 5), test::sample(in, 0, 0, 5));
  EXPECT_FALSE(graph.pull());
}

TEST(FilterGraph, GivesTheRestAtTheEnd) {
  FilterGraph graph(format("yuv420p", 64, 48), "reverse", in_turn);
  for (int i = 0; i < 3; ++i) {
    graph.push(picture(format("yuv420p", 64, 48), static_cast<unsigned>(i), i));
    EXPECT_FALSE(graph.pull());
  }
  graph.push({});
  int frames = 0;
  while (graph.pull()) ++frames;
  EXPECT_EQ(frames, 3);
}

TEST(FilterGraph, LeavesTheInputAlone) {
  FilterGraph graph(format("yuv420p", 64, 48), "drawbox=c=red:t=fill", in_turn);
  const Frame in = picture(format("yuv420p", 64, 48), 1);
  const test::Bytes before = test::all_bytes(in);
  graph.push(in);
  EXPECT_NE(test::all_bytes(graph.pull()), before);
  EXPECT_EQ(test::all_bytes(in), before);
}

TEST(FilterGraph, PicturesComeOutUpright) {
  FilterGraph graph(format("yuv420p", 64, 48), "vflip", in_turn);
  const Frame in = picture(format("yuv420p", 64, 48), 1);
  graph.push(in);
  const Frame out = graph.pull();
  EXPECT_GT(out.plane(0).stride, 0);
  EXPECT_EQ(test::sample(out, 0, 3, 47), test::sample(in, 0, 3, 0));
}

TEST(FilterGraph, CutsPicturesTheSameWhoeverExecutes) {
  std::atomic<int> jobs = 0;
  const Frame in = picture(format("yuv420p", 64, 48), 1);
  FilterGraph plain(in.format(), "negate,unsharp,boxblur", in_turn);
  FilterGraph backwards(in.format(), "negate,unsharp,boxblur", [&](int count, const auto& body) {
    jobs = std::max(jobs.load(), count);
    for (int i = count - 1; i >= 0; --i) body(i);
  });
  plain.push(in);
  backwards.push(in);
  EXPECT_TRUE(test::same(plain.pull(), backwards.pull()));
  EXPECT_EQ(jobs, 8);
}

TEST(FilterGraph, AFailingExecutorIsHeard) {
  FilterGraph graph(format("yuv420p", 64, 48), "negate",
                    [](int, const auto&) { throw std::runtime_error("stop"); });
  graph.push(picture(format("yuv420p", 64, 48), 1));
  EXPECT_THROW(graph.pull(), std::runtime_error);
}

TEST(FilterGraph, SaysWhatItCannotDo) {
  EXPECT_THAT(refusal("blurr"), HasSubstr("No such filter: 'blurr'"));
  EXPECT_THAT(refusal("eq=contrats=2"), HasSubstr("contrats"));
  EXPECT_THAT(refusal("eq=contrast=foo("), HasSubstr("foo("));
  EXPECT_THAT(refusal("split"), HasSubstr("exactly one open output"));
  EXPECT_THAT(refusal("overlay"), HasSubstr("exactly one open input"));
  EXPECT_THAT(refusal("volume=2"), HasSubstr("'volume' is not a video filter"));
  EXPECT_THAT(refusal("testsrc"), HasSubstr("exactly one open input"));
  EXPECT_THAT(refusal("null[a];color[b];[a][b]overlay"), HasSubstr("'color' is a source"));
  EXPECT_THAT(refusal("split[a],nullsink;[a]null"), HasSubstr("sink"));
  EXPECT_THAT(refusal(""), HasSubstr("filter chain"));
  EXPECT_THAT(refusal("crop=100:100", Fault::input), HasSubstr("crop"));
}

TEST(FilterGraph, ReportsTheColourThatFiltersWrite) {
  Format in = format("yuv420p", 64, 48);
  in.colour.matrix = 5;
  EXPECT_EQ(format_after(in, "hflip").colour.matrix, 5);
  EXPECT_EQ(format_after(in, "setparams=colorspace=bt709:range=pc").colour.matrix, 1);
  EXPECT_EQ(format_after(in, "setparams=colorspace=bt709:range=pc").colour.range, 2);
  EXPECT_EQ(format_after(in, "reverse").colour.matrix, 5);
}

}  // namespace
}  // namespace quadrant
