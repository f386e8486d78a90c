// SPDX-License-Identifier: MIT
// What every stage promises (pipeline/plan/stage.h), tried on every registered stage, every planar
// format of the installed libavutil and sizes down to one sample. A new stage is tested by being
// registered; `variants` gives it parameters worth trying.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <opencv2/core/utility.hpp>

#include "pipeline/error.h"
#include "pipeline/media/log.h"
#include "tests/kernel_targets.h"
#include "tests/stage_harness.h"

namespace quadrant {

void PrintTo(const StageInfo& info, std::ostream* out) { *out << info.name; }

namespace {

// QUADRANT_TEST_TARGET=AVX2: only the kernels of that instruction set.
class OneTarget : public testing::Environment {
  void SetUp() override {
    const char* wanted = std::getenv("QUADRANT_TEST_TARGET");
    if (!wanted) return;
    for (std::int64_t target : test::kernel_targets())
      if (hwy::TargetName(target) == std::string_view(wanted))
        return hwy::SetSupportedTargetsForTest(target);
    GTEST_SKIP() << "this machine or build has no " << wanted;
  }
};
const auto* const one_target = testing::AddGlobalTestEnvironment(new OneTarget);

using test::Clip;
using test::number;
using test::Values;

// The default parameters are tried for every stage that works with them.
std::vector<Values> variants(std::string_view stage) {
  if (stage == "levels") return {{}, {{"brightness", 0.2}, {"contrast", 1.5}, {"gamma", 0.7}}};
  if (stage == "saturation") return {{{"amount", 1.7}}, {{"amount", 0.0}}};
  if (stage == "grayscale") return {{}, {{"drop_chroma", true}}};
  if (stage == "curves")
    return {{},
            {{"luma", "0/0.1 0.5/0.3 1/0.9"}, {"interpolation", "natural"}},
            {{"luma", "0/0 0.2/0.4 1/1"}, {"red", "0/0 0.4/0.6 1/1"}, {"blue", "0.1/1 1/0"}}};
  if (stage == "white_balance")
    return {{{"temperature", 2800.0}}, {{"red", 8.0}, {"green", 0.0}, {"blue", 1.3}}};
  if (stage == "vignette")
    return {{}, {{"angle", 80.0}, {"x", 0.0}, {"y", 1.0}, {"direction", "lighten"}}};
  if (stage == "grain")
    return {{}, {{"strength", 64.0}, {"chroma", 20.0}, {"size", number(3)}, {"still", true}}};
  if (stage == "bilateral")
    return {{{"sigma", 0.7}}, {{"strength", 255.0}, {"sigma", 1.2}, {"chroma", false}}};
  if (stage == "fit")
    return {{{"width", number(32)}, {"height", number(18)}},
            {{"width", number(21)}, {"height", number(21)}, {"colour", "white"}},
            {{"width", number(17)}, {"height", number(40)}, {"mode", "fill"}, {"anchor", "right"}},
            {{"width", number(48)}, {"height", number(32)}, {"mode", "blur"}, {"anchor", "top"}}};
  if (stage == "overlay" || stage == "mask") {
    const Values file{{"file", QUADRANT_SOURCE_DIR "/data/overlay.png"}};
    if (stage == "mask") return {file};
    return {{{"file", file[0].second}, {"scale", 0.6}},
            {{"file", file[0].second}, {"anchor", "top_left"}, {"x", number(-5)}, {"y", number(3)}},
            {{"file", file[0].second}, {"opacity", 0.3}, {"scale", 2.0}, {"end", 0.07}}};
  }
  if (stage == "redact")
    return {{{"regions", "3 2 9 7.5; 0: -4 5 9 9, 0.1: 20 -2 5 30"}, {"strength", number(4)}},
            {{"regions", "1 1 12 10"}, {"effect", "pixelate"}, {"shape", "ellipse"}},
            {{"regions", "0 0 100 100"}, {"effect", "fill"}, {"colour", "gray"}, {"end", 0.05}}};
  if (stage == "deinterlace") return {{}, {{"field_order", "bottom"}}, {{"rate", "field"}}};
  if (stage == "tonemap") return {{{"transfer", "pq"}}, {{"transfer", "hlg"}, {"peak", 4000.0}}};
  if (stage == "lut3d") return {{{"file", QUADRANT_SOURCE_DIR "/data/warm.cube"}}};
  if (stage == "edges") return {{}, {{"gain", 8.0}, {"threshold", 0.0}, {"over", true}}};
  if (stage == "blur") return {{}, {{"sigma", 0.1}}, {{"sigma", 6.0}}};
  if (stage == "sharpen") return {{}, {{"amount", 10.0}, {"sigma", 3.0}}};
  if (stage == "median") return {{}, {{"radius", number(2)}}};
  if (stage == "denoise")
    return {{}, {{"strength", 20.0}, {"patch", number(3)}, {"chroma", false}}};
  if (stage == "scale")
    return {{{"width", number(32)}},
            {{"height", number(30)}, {"method", "lanczos"}},
            {{"width", number(23)}, {"height", number(9)}, {"method", "area"}},
            {{"width", number(64)}, {"height", number(48)}}};
  if (stage == "crop")
    return {{},
            {{"x", number(8)}, {"y", number(4)}, {"width", number(8)}, {"height", number(8)}},
            {{"x", number(16)}, {"y", number(12)}}};
  if (stage == "pad")
    return {{},
            {{"left", number(8)}, {"top", number(4)}},
            {{"right", number(3)}, {"bottom", number(5)}, {"colour", "white"}}};
  if (stage == "flip") return {{}, {{"direction", "vertical"}}, {{"direction", "both"}}};
  if (stage == "rotate")
    return {{},
            {{"degrees", 180.0}},
            {{"degrees", 270.0}},
            {{"degrees", 12.5}},
            {{"degrees", -33.0}, {"size", "grow"}, {"method", "lanczos"}, {"colour", "white"}},
            {{"degrees", 4.0}, {"size", "inside"}, {"method", "linear"}}};
  if (stage == "perspective")
    return {{{"top_left", "10% 5%"}, {"bottom_right", "90% 97%"}},
            {{"top_right", "30 -4"}, {"width", number(40)}, {"height", number(22)}}};
  if (stage == "undistort") {
    const std::string file = test::lens_file();
    return {{{"file", file}},
            {{"file", file}, {"keep", 1.0}, {"method", "linear"}},
            {{"file", test::lens_file(4)}, {"lens", "fisheye"}, {"colour", "gray"}}};
  }
  if (stage == "clahe") return {{}, {{"clip_limit", 5.0}, {"grid", number(3)}}};
  if (stage == "temporal_denoise")
    return {{}, {{"strength", number(32)}, {"past", number(0)}, {"future", number(4)}}};
  if (stage == "deflicker") return {{}, {{"frames", number(2)}, {"limit", 1.0}}};
  if (stage == "fps") return {{{"rate", "24"}}, {{"rate", "30000/1001"}}, {{"rate", "7.5"}}};
  if (stage == "every") return {{{"frames", number(3)}}, {{"seconds", 0.1}}, {{"seconds", 0.001}}};
  if (stage == "fade")
    return {{{"in", 0.15}}, {{"out", 0.1}, {"out_start", 0.02}, {"colour", "white"}}};
  if (stage == "python") {
    const Value file = QUADRANT_SOURCE_DIR "/tests/python_stage.py";
    return {{{"file", file}, {"past", number(1)}, {"future", number(2)}},
            {{"file", file}, {"past", number(1)}, {"format", "rgb"}}};
  }
  if (stage == "exec") return {{{"command", "[\"cat\"]"}}};
  if (stage == "ffmpeg") return {{{"filter", "negate,hflip"}}};
  return {{}};
}

void expect_within_depth(const Frame& frame) {
  const Format& f = frame.format();
  if (f.pixels.bytes_per_sample() == 1) return;
  const int peak = (1 << f.pixels.depth()) - 1;
  int highest = 0;
  for (int p = 0; p < f.pixels.planes(); ++p)
    for (int y = 0; y < f.plane_height(p); ++y)
      for (int x = 0; x < f.plane_width(p); ++x)
        highest = std::max(highest, test::sample(frame, p, x, y));
  EXPECT_LE(highest, peak);
}

// One stage, configured for one input format.
struct Setup {
  std::unique_ptr<Stage> stage;
  Format in, out;
  std::unique_ptr<Stage::State> begin() const { return stage->begin(test::in_turn); }
};

// Null where the stage refuses such an input, which configure() may.
std::unique_ptr<Setup> set_up(const StageInfo& info, const Values& values, const Format& in) {
  auto setup = std::make_unique<Setup>();
  setup->stage = test::make_stage_of(info.name, values);
  setup->in = in;
  try {
    setup->out = setup->stage->configure(in);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::input) << info.name << ": " << error.what();
    return nullptr;
  }
  return setup;
}

std::vector<std::vector<int>> all_cuts(const Setup& s) {
  if (s.stage->reach().space == Reach::Space::frame) return {{}};
  return {test::cuts_every(s.out, 1), test::cuts_every(s.out, 3), test::random_cuts(s.out, 5)};
}

void try_tiles(const Setup& s) {
  const Clip in = test::clip(s.in, 3);
  const auto dirty = s.begin();  // used again and again, as a worker's is
  for (int index : {1, 2, 0}) {
    const Frame expected = test::whole(*s.stage, s.out, in, index, s.begin().get());
    expect_within_depth(expected);
    for (const std::vector<int>& cuts : all_cuts(s))
      for (std::uint8_t poison : {0x00, 0xee})
        EXPECT_TRUE(test::same(
            expected, test::in_tiles(*s.stage, s.out, in, index, cuts, dirty.get(), poison)))
            << "frame " << index << ", " << cuts.size() + 1 << " tiles, poison " << int{poison};
  }
}

// Memory that was warmed by warm_up() frames is as good as memory that saw everything.
void try_memory(const Setup& s) {
  const int frames = 12;
  const Clip in = test::clip(s.in, frames);
  const auto memory = s.begin();
  std::vector<Frame> expected;
  for (int i = 0; i < frames; ++i)
    expected.push_back(test::in_tiles(*s.stage, s.out, in, i, {}, memory.get(), 0x5a));
  if (!s.stage->warm_up()) return;
  for (int cut = 1; cut < frames; cut += 3) {
    const auto fresh = s.begin();
    for (int i = std::max(0, cut - *s.stage->warm_up()); i < frames; ++i) {
      const Frame result = test::whole(*s.stage, s.out, in, i, fresh.get());
      EXPECT_TRUE(i < cut || test::same(expected[std::size_t(i)], result)) << cut << " " << i;
    }
  }
}

// At irregular times: some far apart, some near each other.
Clip irregular(const Clip& in) {
  Clip out;
  std::int64_t time = 0, before = 0;
  for (std::size_t i = 0; i < in.size(); ++i, before = time) {
    time += 1 + static_cast<std::int64_t>(i * i * 7 % 11) / (i % 4 == 3 ? 1 : 4);
    if (!out.empty()) out.back() = out.back().at(before, time - before);
    out.push_back(in[i].at(time, 3));
  }
  return out;
}

Clip streamed(const Setup& s, const Clip& in, std::size_t from, std::size_t to) {
  Clip out;
  const auto memory = s.begin();
  const Emit emit = [&](Frame frame) { out.push_back(std::move(frame)); };
  for (std::size_t i = from; i < to; ++i) stream_all(*s.stage, in[i], memory.get(), emit);
  stream_all(*s.stage, {}, memory.get(), emit);
  return out;
}

// A stream that saw warm_up() frames before a moment, and after another what look_ahead() says,
// gives between them what one gives that saw everything.
void try_cuts_in_time(const Setup& s) {
  if (s.stage->order() != Order::in_order || !s.stage->warm_up()) return;
  const Clip in = irregular(test::clip(s.in, 24));
  const Clip all = streamed(s, in, 0, in.size());
  const LookAhead ahead = s.stage->look_ahead();
  const double tick = s.in.time_base.value(), ratio = tick / s.out.time_base.value();
  for (std::size_t begin = 1; begin < in.size(); begin += 3)
    for (std::size_t end = begin + 1; end < in.size(); end += 4) {
      const auto from = begin - std::min<std::size_t>(begin, std::size_t(*s.stage->warm_up()));
      std::size_t to = end;
      while (to < in.size() && double(in[to].pts() - in[end].pts()) * tick < ahead.seconds) ++to;
      to = std::min(in.size(), to + std::size_t(ahead.frames));
      const auto shown = [&](const Clip& clip) {
        Clip part;
        for (const Frame& frame : clip)
          if (frame.pts() >= std::llround(double(in[begin].pts()) * ratio) &&
              frame.pts() < std::llround(double(in[end].pts()) * ratio))
            part.push_back(frame);
        return part;
      };
      const Clip expected = shown(all), found = shown(streamed(s, in, from, to));
      ASSERT_EQ(expected.size(), found.size()) << begin << " to " << end;
      for (std::size_t i = 0; i < found.size(); ++i) {
        EXPECT_EQ(expected[i].pts(), found[i].pts());
        EXPECT_EQ(expected[i].duration(), found[i].duration()) << begin << " " << end << " " << i;
        EXPECT_TRUE(test::same(expected[i], found[i])) << begin << " to " << end << ": " << i;
      }
    }
}

bool is_representative(PixelFormat pixels) {
  static const std::vector<std::string> names{"yuv420p", "yuv422p10le", "yuv444p12le",
                                              "gray",    "yuva420p",    "yuv411p",
                                              "yuv410p", "yuv440p",     "gray16le"};
  return std::ranges::find(names, pixels.name()) != names.end();
}

// Odd and tiny ones for every format, larger ones for some.
std::vector<std::pair<int, int>> sizes(PixelFormat pixels) {
  std::vector<std::pair<int, int>> all{{17, 13}, {1, 1}, {1, 7}};
  if (is_representative(pixels)) all.push_back({64, 48});
  return all;
}

// The python stage needs an interpreter that has numpy, whichever comes first in PATH.
bool finds_numpy() {
  const std::string path = std::getenv("PATH") ? std::getenv("PATH") : "";
  for (const std::string& tried : {path, "/usr/bin:" + path}) {
    setenv("PATH", tried.c_str(), 1);
    if (std::system("python3 -c 'import numpy' 2>/dev/null") == 0) return true;
  }
  return false;
}

class StageContract : public testing::TestWithParam<StageInfo> {
 protected:
  void SetUp() override {
    keep_libav_log();
    cv::setNumThreads(0);
  }
};

TEST_P(StageContract, HoldsForEveryFormatAndSize) {
  const StageInfo& info = GetParam();
  if (info.name == "python" && !finds_numpy()) GTEST_SKIP() << "there is no Python with numpy";
  for (const Values& values : variants(info.name)) {
    int done = 0;
    for (PixelFormat pixels : PixelFormat::all_planar())
      for (auto [width, height] : sizes(pixels)) {
        const Format in = test::format(pixels.name(), width, height);
        SCOPED_TRACE(std::string(info.name) + " on " + in.describe());
        const auto setup = set_up(info, values, in);
        if (!setup) continue;
        ++done;
        if (setup->stage->processing() == Processing::stream) try_cuts_in_time(*setup);
        if (setup->stage->processing() != Processing::tile) continue;
        if (setup->stage->order() == Order::any_order)
          try_tiles(*setup);
        else
          try_memory(*setup);
        if (HasFailure()) return;  // one is enough to read
      }
    EXPECT_GT(done, 50) << info.name << " refuses nearly everything";
  }
}

TEST_P(StageContract, IsDescribed) {
  const StageInfo& info = GetParam();
  EXPECT_FALSE(info.summary.empty());
  EXPECT_NE(info.summary.back(), '.');
  EXPECT_LT(info.summary.size(), 80u);
  const auto stage = info.make();
  for (const Param& param : info.params) {
    EXPECT_FALSE(param.help.empty()) << param.name;
    const Value value = param.get(*stage);
    const bool is_word = std::holds_alternative<std::string>(value);  // a number may have some too
    if (param.min && !is_word) {
      const double number = std::holds_alternative<double>(value)
                                ? std::get<double>(value)
                                : static_cast<double>(std::get<std::int64_t>(value));
      EXPECT_GE(number, *param.min) << param.name;
      EXPECT_LE(number, *param.max) << param.name;
    }
    EXPECT_TRUE(param.choices.empty() || !is_word ||
                std::ranges::count(param.choices, std::get<std::string>(value)) == 1);
  }
  EXPECT_LE(std::ranges::count(info.params, true, &Param::is_shorthand), 1);
}

INSTANTIATE_TEST_SUITE_P(All, StageContract, testing::ValuesIn(all_stages()),
                         [](const auto& test) { return std::string(test.param.name); });

// Parameters that say "change nothing" do change nothing, bit by bit.
TEST(NeutralStages, AreTheIdentity) {
  const std::pair<const char*, Values> neutral[] = {
      {"levels", {}},
      {"curves", {}},
      {"curves", {{"luma", ""}, {"interpolation", "natural"}}},
      {"white_balance", {}},
      {"vignette", {{"angle", 0.0}}},
      {"vignette", {{"angle", 0.0}, {"direction", "lighten"}}},
      {"grain", {{"strength", 0.0}}},
      {"saturation", {{"amount", 1.0}}},
      {"sharpen", {{"amount", 0.0}}},
      {"denoise", {{"strength", 0.0}}},
      {"temporal_denoise", {{"strength", number(0)}}},
      {"temporal_denoise", {{"past", number(0)}, {"future", number(0)}}},
      {"crop", {}},
      {"pad", {}},
  };
  for (const auto& [name, values] : neutral)
    for (PixelFormat pixels : PixelFormat::all_planar())
      for (int range : {1, 2}) {
        Format in = test::format(pixels.name(), 17, 13);
        in.colour.range = range;
        const auto setup = set_up(*find_stage(all_stages(), name), values, in);
        const Clip frames = test::clip(in, 3);
        const Frame out = test::whole(*setup->stage, setup->out, frames, 1, setup->begin().get());
        EXPECT_TRUE(test::same(frames[1], out)) << name << " on " << in.describe();
      }
}

// What a flat colour should be left as, it is: no stage drifts.
TEST(SmoothingStages, KeepAFlatPicture) {
  for (const char* name : {"blur", "sharpen", "median", "denoise", "bilateral", "temporal_denoise"})
    for (PixelFormat pixels : PixelFormat::all_planar()) {
      const Format in = test::format(pixels.name(), 33, 21);
      const int peak = (1 << pixels.depth()) - 1;
      for (int value : {0, 1, peak / 2, peak / 3, peak - 1, peak}) {
        const auto setup = set_up(*find_stage(all_stages(), name), {}, in);
        const Frame flat = test::flat_picture(in, value, peak - value);
        EXPECT_TRUE(test::same(flat, test::whole(*setup->stage, setup->out, {flat, flat, flat}, 1,
                                                 setup->begin().get())))
            << name << " on " << in.describe() << " " << value;
      }
    }
}

}  // namespace
}  // namespace quadrant
