// SPDX-License-Identifier: MIT
// Stages that are not tiles: chains of libavfilter, and waiting.
#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <fstream>
#include <map>
#include <mutex>
#include <thread>

#include "pipeline/error.h"
#include "pipeline/media/log.h"
#include "stages/known_filters.h"
#include "tests/stage_harness.h"

namespace quadrant {
namespace {

using test::Clip;
using test::format;
using test::number;

std::unique_ptr<Stage> chain(const std::string& filter) {
  return test::make_stage_of("ffmpeg", {{"filter", filter}});
}

bool is_stateless(const std::string& filter) {
  const auto memory = known_memory_of(filter);
  return memory && memory->none();
}

// Everything that comes out, in order.
Clip streamed(const std::unique_ptr<Stage>& stage, const Clip& in) {
  stage->configure(in[0].format());
  const auto graph = stage->begin(test::in_turn);
  Clip out;
  const Emit emit = [&](Frame frame) { out.push_back(std::move(frame)); };
  for (const Frame& frame : in) stream_all(*stage, frame, graph.get(), emit);
  stream_all(*stage, {}, graph.get(), emit);
  return out;
}

Clip in_order(const std::string& filter, const Clip& in) { return streamed(chain(filter), in); }

// One example of each stateless filter that does something, on each kind of option it has.
const std::map<std::string, std::string>& examples() {
  static const std::map<std::string, std::string> all{
      {"avgblur", "sizeX=3"},
      {"bilateral", "sigmaS=2:sigmaR=0.2"},
      {"boxblur", "luma_radius='min(h,w)/10':luma_power=2"},
      {"cas", "strength=0.6"},
      {"chromahold", "color=red:similarity=0.3"},
      {"chromakey", "color=green:similarity=0.2"},
      {"chromanr", "thres=60"},
      {"chromashift", "cbh=3:crv=-2"},
      {"colorbalance", "rs=0.3:bh=-0.2"},
      {"colorchannelmixer", "rr=0.8:rg=0.2"},
      {"colorcontrast", "rc=0.4:rcw=0.5"},
      {"colorhold", "color=red:similarity=0.3"},
      {"colorize", "hue=90:saturation=0.4"},
      {"colorkey", "color=black:similarity=0.2"},
      {"colorlevels", "rimin=0.1:gomax=0.9"},
      {"colormatrix", "bt601:bt709"},
      {"colorspace", "all=bt709:iall=bt601-6-625"},
      {"colortemperature", "temperature=4000"},
      {"convolution", "0m='0 -1 0 -1 5 -1 0 -1 0'"},
      {"copy", ""},
      {"crop", "iw/2:ih-8"},
      {"curves", "preset=vintage"},
      {"dblur", "angle=30:radius=4"},
      {"dctdnoiz", "s=4.5"},
      {"deblock", "filter=strong:block=8"},
      {"deflate", ""},
      {"delogo", "x=10:y=8:w=12:h=6"},
      {"dilation", ""},
      {"drawbox", "x=4:y=4:w=20:h=10:color=red@0.5:t=fill"},
      {"drawtext", "text=hello %{pts}:fontcolor=yellow:x=(w-text_w)/2:y=h-th-2"},
      {"epx", "n=2"},
      {"eq", "contrast=1.2:brightness=0.1:saturation=1.4:gamma=1.1"},
      {"erosion", ""},
      {"exposure", "exposure=0.5"},
      {"fillborders", "left=4:right=4:top=2:bottom=2:mode=mirror"},
      {"format", "yuv444p"},
      {"gblur", "sigma=2"},
      {"hflip", ""},
      {"hqx", "n=2"},
      {"hue", "h=30:s=1.2"},
      {"huesaturation", "hue=20"},
      {"il", "luma_mode=deinterleave"},
      {"inflate", ""},
      {"kirsch", ""},
      {"lenscorrection", "k1=-0.2:k2=0.02"},
      {"limiter", "min=30:max=200"},
      {"median", "radius=2"},
      {"monochrome", "cb=0.2"},
      {"negate", ""},
      {"nlmeans", "s=3:r=5"},
      {"noformat", "yuv420p"},
      {"null", ""},
      {"owdenoise", "ls=4"},
      {"pad", "iw+16:ih+8:8:4:black"},
      {"pixelize", "w=8:h=8"},
      {"prewitt", ""},
      {"removegrain", "m0=2"},
      {"rgbashift", "rh=3:bv=-2"},
      {"roberts", ""},
      {"rotate", "PI/6"},
      {"sab", ""},
      {"scale", "w=iw/2:h=-2:flags=lanczos"},
      {"selectivecolor", "reds=0.2 -0.1 0.1"},
      {"setdar", "16/9"},
      {"setparams", "range=pc"},
      {"setrange", "tv"},
      {"setsar", "1"},
      {"shear", "shx=0.2"},
      {"shuffleplanes", "0:2:1"},
      {"smartblur", "lr=2:ls=0.8"},
      {"sobel", ""},
      {"super2xsai", ""},
      {"swapuv", ""},
      {"tonemap", "hable"},
      {"transpose", "clock"},
      {"unsharp", "5:5:1.0"},
      {"v360", "e:flat"},
      {"vaguedenoiser", "threshold=3"},
      {"vflip", ""},
      {"vibrance", "intensity=0.5"},
      {"xbr", "n=2"},
      {"yaepblur", "radius=3"},
      {"zscale", "w=iw/2:h=ih/2:f=lanczos"},
  };
  return all;
}

const std::map<std::string, std::string>& temporal_examples() {
  static const std::map<std::string, std::string> all{
      {"atadenoise", "atadenoise=s=7"},
      {"bwdif", "bwdif=mode=send_frame"},
      {"dedot", "dedot"},
      {"estdif", "estdif=mode=frame"},
      {"tmix", "tmix=frames=4"},
      {"w3fdif", "w3fdif=mode=frame"},
      {"yadif", "yadif"},
  };
  return all;
}

// The smallest colour table there is.
std::string cube_file() {
  const std::string path = testing::TempDir() + "stage_stream_test.cube";
  std::ofstream(path)
      << "LUT_3D_SIZE 2\n0 0 .1\n1 0 0\n0 .9 0\n1 1 0\n0 0 1\n1 0 1\n0 1 1\n1 1 .8\n";
  return path;
}

std::string example(const std::string& name) {
  if (name == "lut3d") return "lut3d=file=" + cube_file();
  const std::string& options = examples().at(name);
  return options.empty() ? name : name + "=" + options;
}

// Two graphs, frames in a mixed order, the odd ones here and the even ones there: the same bits as
// one graph that sees all of them in order.
void expect_order_free(const std::string& filter, const Clip& in) {
  const Clip expected = in_order(filter, in);
  ASSERT_EQ(expected.size(), in.size()) << filter;
  const auto stage = chain(filter);
  stage->configure(in[0].format());
  const std::unique_ptr<Stage::State> graphs[] = {stage->begin(test::in_turn),
                                                  stage->begin(test::in_turn)};
  for (std::size_t i : {5u, 0u, 3u, 2u, 6u, 1u, 4u}) {
    Clip out;
    stream_all(*stage, in[i], graphs[i % 2].get(), [&](Frame f) { out.push_back(std::move(f)); });
    ASSERT_EQ(out.size(), 1u) << filter;
    EXPECT_TRUE(test::same(expected[i], out[0])) << filter << " frame " << i;
    EXPECT_EQ(out[0].pts(), expected[i].pts()) << filter;
  }
}

TEST(StatelessFilters, GiveTheSameInAnyOrder) {
  keep_libav_log();
  for (std::string_view name : known_filters()) {
    if (temporal_examples().contains(std::string(name))) continue;
    const std::string filter = example(std::string(name));
    EXPECT_TRUE(is_stateless(filter)) << filter;
    for (const char* pixels : {"yuv420p", "yuv444p10le", "rgb24"}) {
      Clip in;
      for (unsigned i = 0; i < 7; ++i)
        in.push_back(test::picture(format(pixels, 48, 32), i * 3, i));
      try {
        expect_order_free(filter, in);
      } catch (const Error& error) {
        EXPECT_THAT(error.what(), testing::HasSubstr("No such filter"));  // in this libavfilter
      }
    }
  }
}

// A graph that sees only a part of the film, with as many frames around it as the filter is said to
// look at, gives the same bits there as one that sees all of it.
TEST(TemporalFilters, GiveTheSameFromTheMiddle) {
  keep_libav_log();
  for (const auto& [name, filter] : temporal_examples()) {
    const auto memory = known_memory_of(filter);
    ASSERT_TRUE(memory && !memory->none()) << filter;
    for (const char* pixels : {"yuv420p", "yuv444p10le"}) {
      Clip in;
      for (unsigned i = 0; i < 40; ++i)
        in.push_back(test::picture(format(pixels, 48, 32), i * 3, i));
      const auto begin = static_cast<std::ptrdiff_t>(15 - memory->before);
      const auto end = static_cast<std::ptrdiff_t>(25 + memory->after);
      const Clip part(in.begin() + begin, in.begin() + end);
      const Clip all = in_order(filter, in), some = in_order(filter, part);
      ASSERT_EQ(all.size(), in.size()) << filter;
      ASSERT_EQ(some.size(), part.size()) << filter;
      for (std::size_t i = 15; i < 25; ++i) {
        const Frame& here = some[i - static_cast<std::size_t>(begin)];
        EXPECT_TRUE(test::same(all[i], here)) << filter << " frame " << i;
        EXPECT_EQ(all[i].pts(), here.pts()) << filter;
      }
    }
  }
}

TEST(TemporalFilters, WithAFrameAFieldAreNotKnown) {
  for (const char* filter :
       {"yadif=mode=send_field", "yadif=1", "bwdif", "w3fdif", "estdif", "tmix=frames=x"})
    EXPECT_FALSE(known_memory_of(filter)) << filter;
}

TEST(StatelessFilters, EverythingElseIsInOrder) {
  for (const char* filter :
       {"eq=contrast=1.1", "hflip,vflip", "scale=1280:-2", "scale='min(1280,iw)':-2",
        "crop=iw/2:ih/2", "hue=h=30", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "format=yuv420p|gray",
        "curves=preset=vintage", "unsharp, gblur=sigma=2", "eq@name=contrast=2", "drawbox",
        "negate=enable='between(t,1,2)'", "eq=contrast=1.1:enable=gt(t\\,1)",
        "drawtext=text='%{pts\\:hms}':x=w-tw-10:alpha='min(1,t)'"})
    EXPECT_TRUE(is_stateless(filter)) << filter;
  for (const char* filter : {"",
                             "fps=30",
                             "hqdn3d",
                             "yadif",
                             "hue=h=t*10",
                             "hue=H=n/10",
                             "crop=100:100:n:0",
                             "crop=100:100:x=t",
                             "eq=brightness=sin(t)",
                             "eq=eval=frame",
                             "eq=contrast=1.1:enable=gt(n\\,1)",
                             "drawtext=text=%{n}",
                             "drawtext=text=a:x=random(0)",
                             "drawtext=text=%{localtime}",
                             "drawbox=x=n",
                             "subtitles=a.srt",
                             "rotate=t",
                             "rotate=2*PI*n/100",
                             "scale=eval=frame:w=iw",
                             "noise=alls=20",
                             "split[a][b];[a][b]blend",
                             "hflip;vflip",
                             "[in]hflip[out]",
                             "hflip,fps=30",
                             "eq=contrast=random(0)",
                             "boxblur=luma_radius=ld(0)",
                             "vignette",
                             "frei0r",
                             "geq=lum=p(X,Y)"})
    EXPECT_FALSE(is_stateless(filter)) << filter;
}

TEST(FfmpegStage, RunsUnknownChainsInOrder) {
  const auto stage = chain("tmix=frames=3");
  stage->configure(format("yuv420p", 48, 32));
  EXPECT_EQ(stage->order(), Order::in_order);
  EXPECT_EQ(stage->processing(), Processing::stream);
  EXPECT_EQ(in_order("tmix=frames=3", test::clip(format("yuv420p", 48, 32), 5)).size(), 5u);
}

TEST(FfmpegStage, MayChangeTheNumberOfFrames) {
  const Clip in = test::clip(format("yuv420p", 48, 32), 10);
  EXPECT_EQ(in_order("fps=50", in).size(), 20u);
  EXPECT_EQ(in_order("select=not(mod(n\\,2))", in).size(), 5u);
  EXPECT_EQ(chain("fps=50")->configure(in[0].format()).frame_rate, (Rational{50, 1}));
}

TEST(FfmpegStage, SaysWhatIsWrong) {
  keep_libav_log();
  try {
    chain("unsharpp=5")->configure(format("yuv420p", 48, 32));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    EXPECT_THAT(error.what(), testing::HasSubstr("unsharpp"));
  }
}

// Frames that begin at `times` of 1/1000 s; the last one lasts as long as the one before it.
Clip shown_at(const std::vector<std::int64_t>& times) {
  Format f = format("yuv420p", 16, 16);
  f.time_base = {1, 1000};
  Clip clip;
  for (std::size_t i = 0; i < times.size(); ++i) {
    const std::size_t a = std::min(i, times.size() - 2);
    clip.push_back(test::picture(f, unsigned(i)).at(times[i], times[a + 1] - times[a], f));
  }
  return clip;
}

std::vector<std::int64_t> at_rate(double rate, int frames, std::int64_t first = 0) {
  std::vector<std::int64_t> times;
  for (int i = 0; i < frames; ++i) times.push_back(first + std::llround(i * 1000 / rate));
  return times;
}

std::vector<std::int64_t> at_any_times() {
  std::vector<std::int64_t> times;
  std::int64_t time = -70;
  for (int i = 0; i < 60; ++i) times.push_back(time += 1 + i * i * 37 % 211 / (i % 5 == 0 ? 1 : 9));
  return times;
}

void expect_same_frames(const Clip& expected, const Clip& found) {
  ASSERT_EQ(expected.size(), found.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(expected[i].pts(), found[i].pts()) << i;
    EXPECT_TRUE(test::same(expected[i], found[i])) << i;
    EXPECT_EQ(expected[i].format().time_base, found[i].format().time_base);
  }
}

TEST(FpsStage, IsFfmpegsFps) {
  keep_libav_log();
  for (const auto& times : {at_rate(60, 61), at_rate(24, 50), at_rate(30000 / 1001.0, 40, 33),
                            at_rate(10, 3, -200), at_rate(25, 31, 21), at_any_times()})
    for (const char* rate : {"30", "25", "30000/1001", "1", "0.5", "23.976", "120"}) {
      SCOPED_TRACE(rate);
      const Clip in = shown_at(times),
                 found = streamed(test::make_stage_of("fps", {{"rate", rate}}), in);
      expect_same_frames(in_order(std::string("fps=") + rate, in), found);
      for (const Frame& frame : found) EXPECT_EQ(frame.duration(), 1);
    }
}

TEST(FpsStage, RefusesWhatIsNoRate) {
  for (const char* rate : {"", "0", "-5", "25fps", "1/0", "25/", "2000", "1/1000000", "25.x"})
    EXPECT_THROW(test::make_stage_of("fps", {{"rate", rate}})->configure(format("yuv420p", 8, 8)),
                 Error)
        << rate;
}

TEST(EveryStage, PicksByNumberAsFfmpegsSelect) {
  const Clip in = shown_at(at_any_times());
  const Clip found = streamed(test::make_stage_of("every", {{"frames", number(7)}}), in);
  expect_same_frames(in_order("select=not(mod(n\\,7))", in), found);
  for (std::size_t i = 0; i + 1 < found.size(); ++i)
    EXPECT_EQ(found[i].pts() + found[i].duration(), found[i + 1].pts());
  EXPECT_EQ(found.back().pts() + found.back().duration(), in.back().pts() + in.back().duration());
}

TEST(EveryStage, PicksTheFirstOfEachStretchOfTime) {
  const Clip found = streamed(test::make_stage_of("every", {{"seconds", 0.5}}),
                              shown_at({0, 100, 499, 500, 900, 1700, 1999, 2001}));
  std::vector<std::pair<std::int64_t, std::int64_t>> times;
  for (const Frame& frame : found) times.emplace_back(frame.pts(), frame.duration());
  EXPECT_THAT(times, testing::ElementsAre(std::pair(0, 500), std::pair(500, 1200),
                                          std::pair(1700, 301), std::pair(2001, 2)));
}

TEST(EveryStage, TakesOneOfItsParameters) {
  for (const test::Values& values :
       {test::Values{}, test::Values{{"frames", number(2)}, {"seconds", 1.0}}})
    EXPECT_THROW(test::make_stage_of("every", values)->configure(format("yuv420p", 8, 8)), Error);
}

TEST(ReverseStage, IsFfmpegsReverseAtAConstantRate) {
  const Clip in = shown_at(at_rate(25, 12, 40));
  const Clip found = streamed(test::make_stage_of("reverse"), in);
  expect_same_frames(in_order("reverse", in), found);
  for (const Frame& frame : found) EXPECT_EQ(frame.duration(), 40);
}

TEST(ReverseStage, MirrorsTimes) {
  const Clip found = streamed(test::make_stage_of("reverse"), shown_at({100, 150, 400, 430}));
  std::vector<std::pair<std::int64_t, std::int64_t>> times;
  for (const Frame& frame : found) times.emplace_back(frame.pts(), frame.duration());
  EXPECT_THAT(times, testing::ElementsAre(std::pair(100, 30), std::pair(130, 30),
                                          std::pair(160, 250), std::pair(410, 50)));
}

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// Counts what is answered, and waits for it.
struct Answers {
  std::mutex mutex;
  std::condition_variable changed;
  int frames = 0, errors = 0;

  Done done() {
    return [this](Frame frame, std::exception_ptr error) {
      const std::lock_guard lock(mutex);
      ++(error ? errors : frames);
      EXPECT_EQ(bool(frame), !error);
      changed.notify_all();
    };
  }
  bool wait_for(int all) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::seconds(30), [&] { return frames + errors == all; });
  }
};

TEST(WaitStage, FramesWaitTogether) {
  const auto stage = test::make_stage_of("wait", {{"ms", number(100)}});
  const Frame frame = test::picture(stage->configure(format("yuv420p", 16, 16)), 1);
  EXPECT_EQ(stage->processing(), Processing::async);
  Answers answers;
  const auto begin = Clock::now();
  for (int i = 0; i < 100; ++i) stage->start(frame, answers.done());
  ASSERT_TRUE(answers.wait_for(100));
  EXPECT_EQ(answers.frames, 100);
  EXPECT_GE(Clock::now() - begin, milliseconds(100));
  EXPECT_LT(Clock::now() - begin, milliseconds(5000));  // one after another would take 10 s
}

TEST(WaitStage, AnswersMayStartTheNext) {
  const auto stage = test::make_stage_of("wait", {{"ms", number(1)}});
  const Frame frame = test::picture(stage->configure(format("yuv420p", 16, 16)), 1);
  Answers answers;
  std::function<void(int)> next = [&](int left) {
    stage->start(frame, [&, left](Frame f, std::exception_ptr e) {
      if (left > 0) next(left - 1);
      answers.done()(std::move(f), e);
    });
  };
  next(9);
  ASSERT_TRUE(answers.wait_for(10));
  EXPECT_EQ(answers.frames, 10);
}

TEST(WaitStage, AnswersEveryFrameWhenItGoes) {
  Answers answers;
  {
    const auto stage = test::make_stage_of("wait", {{"ms", number(60000)}});
    const Frame frame = test::picture(stage->configure(format("yuv420p", 16, 16)), 1);
    for (int i = 0; i < 5; ++i) stage->start(frame, answers.done());
  }
  EXPECT_EQ(answers.errors, 5);
  EXPECT_EQ(answers.frames, 0);
}

TEST(WaitStage, CanBeStartedFromManyThreads) {
  const auto stage = test::make_stage_of("wait", {{"ms", number(2)}});
  const Frame frame = test::picture(stage->configure(format("yuv420p", 16, 16)), 1);
  Answers answers;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) stage->start(frame, answers.done());
    });
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(answers.wait_for(200));
  EXPECT_EQ(answers.frames, 200);
}

}  // namespace
}  // namespace quadrant
