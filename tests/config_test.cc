// SPDX-License-Identifier: MIT
// What a configuration says arrives in the JobSpec, and comes back out of it. What is refused is in
// config_errors_test.cc; hostile input is in config_hostile_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "pipeline/config/job_spec.h"
#include "pipeline/config/scalars.h"
#include "tests/config_fakes.h"

namespace quadrant {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

JobSpec read(const std::string& yaml, const std::vector<Override>& overrides = {}) {
  return read_job("job.yaml", "version: 1\n" + yaml, fakes::catalogue(), overrides);
}

std::vector<std::string> written(const std::vector<LibavOption>& options) {
  std::vector<std::string> all;
  for (const LibavOption& option : options) all.push_back(option.name + "=" + option.value);
  return all;
}

const std::string everything = R"(
input: ["a.mp4", 'clips/*.mkv']
output:
  path: "out/{stem}.mp4"
  container: mp4
  video: {codec: libx264, preset: veryfast, crf: 23, threads: 4, segment: 2.5, pixel_format: yuv420p}
  audio: {codec: aac, bit_rate: 128k}
  subtitles: none
  metadata: none
  options: {movflags: +faststart}
run: {mode: frames, cores: 3, memory: 512M}
stages:
  - blur: {border: repeat, sigma: 2, chroma: true}
  - filter: "eq=contrast=1.1"
  - turn: {degrees: 180}
  - nothing
)";

TEST(Config, EverythingArrives) {
  const JobSpec job = read(everything);
  EXPECT_THAT(job.inputs, ElementsAre("a.mp4", "clips/*.mkv"));
  EXPECT_EQ(job.output.path, "out/{stem}.mp4");
  EXPECT_EQ(job.output.container, "mp4");
  EXPECT_EQ(job.output.video.codec, "libx264");
  EXPECT_EQ(job.output.video.pixel_format, "yuv420p");
  EXPECT_EQ(job.output.video.threads, 4);
  EXPECT_EQ(job.output.video.segment_seconds, 2.5);
  EXPECT_THAT(written(job.output.video.options), ElementsAre("crf=23", "preset=veryfast"));
  EXPECT_EQ(job.output.audio.kind, AudioSpec::Kind::encode);
  EXPECT_EQ(job.output.audio.codec, "aac");
  EXPECT_THAT(written(job.output.audio.options), ElementsAre("bit_rate=128k"));
  EXPECT_EQ(job.output.subtitles, SubtitleRule::none);
  EXPECT_FALSE(job.output.metadata);
  EXPECT_THAT(written(job.output.options), ElementsAre("movflags=+faststart"));
  EXPECT_EQ(job.run.mode, Mode::frames);
  EXPECT_EQ(job.run.cores, 3);
  EXPECT_EQ(job.run.memory, 512 << 20);
}

TEST(Config, StagesArriveInOrderWithTheirValues) {
  const JobSpec job = read(everything);
  ASSERT_EQ(job.stages.size(), 4u);
  const auto blur = job.stages[0].make();
  EXPECT_EQ(static_cast<const fakes::Blur&>(*blur).sigma, 2);
  EXPECT_EQ(static_cast<const fakes::Blur&>(*blur).radius, 2);  // its default
  EXPECT_TRUE(static_cast<const fakes::Blur&>(*blur).chroma);
  EXPECT_EQ(static_cast<const fakes::Blur&>(*blur).border, "repeat");
  EXPECT_EQ(job.stages[0].values.front().first, "sigma");  // in the order of the declaration
  EXPECT_EQ(static_cast<const fakes::Filter&>(*job.stages[1].make()).filter, "eq=contrast=1.1");
  EXPECT_EQ(static_cast<const fakes::Turn&>(*job.stages[2].make()).degrees, "180");
  EXPECT_EQ(job.stages[3].info->name, "nothing");
}

TEST(Config, WhatIsNotWrittenIsAtItsDefault) {
  const JobSpec job = read("");
  EXPECT_THAT(job.inputs, IsEmpty());
  EXPECT_THAT(job.stages, IsEmpty());
  EXPECT_EQ(job.output.video.codec, "auto");
  EXPECT_EQ(job.output.video.threads, std::nullopt);
  EXPECT_EQ(job.output.video.segment_seconds, std::nullopt);
  EXPECT_EQ(job.output.audio.kind, AudioSpec::Kind::copy);
  EXPECT_EQ(job.run.mode, Mode::automatic);
  EXPECT_EQ(job.run.cores, 0);
  EXPECT_EQ(job.run.memory, 0);
}

TEST(Config, SectionsWithNothingInThemAreAtTheirDefaults) {
  const JobSpec job = read("input:\noutput:\n  video:\nrun:\nstages:\n");
  EXPECT_EQ(to_yaml(job), "version: 1\n");
}

TEST(Config, WordsBesideNumbers) {
  const JobSpec job = read(
      "output: {video: {threads: auto, segment: none}, audio: none}\n"
      "run: {cores: all, memory: auto, mode: auto}\n");
  EXPECT_EQ(job.output.video.threads, std::nullopt);
  EXPECT_EQ(job.output.video.segment_seconds, 0);
  EXPECT_EQ(job.output.audio.kind, AudioSpec::Kind::none);
  EXPECT_EQ(job.run.cores, 0);
  EXPECT_EQ(job.run.memory, 0);
}

TEST(Config, LocationsAreKeptForThePlan) {
  const JobSpec job = read(everything);
  const auto line_of = [](const SourceLocation& location) {
    return std::pair(location.line, location.column);
  };
  EXPECT_EQ(line_of(job.output.path_location), std::pair(5, 9));
  EXPECT_EQ(line_of(job.output.video.location), std::pair(7, 3));
  EXPECT_EQ(line_of(job.output.video.codec_location), std::pair(7, 18));
  EXPECT_EQ(line_of(job.output.video.options[0].location), std::pair(7, 45));
  EXPECT_EQ(line_of(job.output.audio.location), std::pair(8, 3));
  EXPECT_EQ(line_of(job.stages[1].location), std::pair(15, 5));
  EXPECT_EQ(job.stages[1].location.message("not here"),
            "job.yaml:15:5: not here\n  - filter: \"eq=contrast=1.1\"\n    ^");
  EXPECT_EQ(SourceLocation{}.message("anywhere"), "anywhere");
}

TEST(Config, TextTakesAnyScalar) {
  const JobSpec job = read("input: [007, true, 1.50]\nstages:\n  - filter: 3\n");
  EXPECT_THAT(job.inputs, ElementsAre("007", "true", "1.50"));
  EXPECT_EQ(static_cast<const fakes::Filter&>(*job.stages[0].make()).filter, "3");
}

TEST(Config, LineEndsAndByteOrderMarkDoNotMatter) {
  const std::string unix_text = "version: 1\nrun:\n  mode: tiles\n";
  const std::string windows_text = "\xef\xbb\xbfversion: 1\r\nrun:\r\n  mode: tiles\r\n";
  const auto canonical = [](const std::string& text) {
    return to_yaml(read_job("job.yaml", text, fakes::catalogue()));
  };
  EXPECT_EQ(canonical(windows_text), canonical(unix_text));
}

TEST(Config, AnchorsAndAliasesCanBeUsed) {
  const JobSpec job = read("stages:\n  - blur: &b {sigma: 3}\n  - turn\n  - blur: *b\n");
  ASSERT_EQ(job.stages.size(), 3u);
  EXPECT_EQ(static_cast<const fakes::Blur&>(*job.stages[2].make()).sigma, 3);
}

// The made jobs of the round trip: what the writing of texts, numbers and options may get wrong.
TEST(Config, CanonicalTextReadsBackAsTheSameJob) {
  const std::string made[] = {
      everything,
      "",
      "input: 'say \"hi\" \\ # no comment'\n",
      "input: [\"tab\\there\", \"line\\nbreak\", '*.mp4', '{stem}', ' ', 'ключ.mp4', '- a', "
      "'null', '~']\n",
      "output: {video: {'odd key': 1, 'a:b': '# c', 'true': x, '3': y, '{z}': w}}\n",
      "output: {audio: {codec: copy}}\n",
      "output: {video: {segment: 0.1}}\nrun: {memory: 1}\n",
      "stages:\n  - odd: {real: 1e-300, large: -9223372036854775808, small: -5}\n  - odd: {real: "
      "123456789.125}\n",
      "stages:\n  - odd: {real: 0.30000000000000004}\n  - odd: {real: 1e22}\n  - odd: {real: -0}\n",
      "input: [{path: a.mp4, start: 1:30.5, end: '2:00:00', video: 2, audio: [eng, 3]}, b.mp4]\n",
      "input: {path: '{a}.mp4', subtitles: none}\n",
      "stages:\n  - blur: {sigma: 1.5, radius: 2}\n  - filter: ''\n",
      "stages:\n  - outside: [cat, '-u', 3, '\"', '{a}', 'x: y', 'ключ', '\\']\n",
      "stages:\n  - outside: {command: ['#'], workers: 3, values: {a: {b: [1, 2.5, true, null, "
      "'1', "
      "1e300, -0.0, 99999999999999999999]}, 'odd: key': \"tab\\there\\x01\", '': {}, 'x\"y': "
      "[]}}\n"};
  for (const std::string& yaml : made) {
    const JobSpec job = read(yaml);
    const std::string canonical = to_yaml(job);
    const JobSpec again = read_job("again.yaml", canonical, fakes::catalogue());
    EXPECT_EQ(to_yaml(again), canonical) << yaml;
    EXPECT_EQ(again.inputs, job.inputs) << canonical;
    EXPECT_EQ(written(again.output.video.options), written(job.output.video.options)) << canonical;
    ASSERT_EQ(again.stages.size(), job.stages.size());
    for (std::size_t i = 0; i < job.stages.size(); ++i)
      for (const Param& param : job.stages[i].info->params)
        EXPECT_EQ(param.get(*again.stages[i].make()), param.get(*job.stages[i].make()))
            << canonical;
  }
}

TEST(Config, CanonicalTextIsTheSameForTheSameJob) {
  const JobSpec one = read(
      "output: {path: x.mp4, video: {preset: fast, crf: 20}}\n"
      "stages:\n  - blur: {radius: 3, sigma: 2}\n  - filter: eq\n");
  const JobSpec other = read(
      "stages:  # the same, otherwise written\n  - blur: {sigma: 2.0, radius: 3, chroma: false}\n"
      "  - filter: {threads: 1, filter: 'eq'}\n"
      "run: {mode: auto}\n"
      "output:\n  video:\n    crf: '20'\n    codec: auto\n    preset: \"fast\"\n  path: x.mp4\n");
  EXPECT_EQ(to_yaml(one), to_yaml(other));
  EXPECT_EQ(to_yaml(one), R"(version: 1
output:
  path: "x.mp4"
  video:
    crf: "20"
    preset: "fast"
stages:
  - blur:
      sigma: 2
      radius: 3
  - filter:
      filter: "eq"
)");
}

TEST(Config, MapsAndListsAreJsonToTheirStage) {
  const JobSpec job = read(
      "stages:\n  - outside: [a, 1, true]\n"
      "  - outside: {command: [b], workers: auto, values: {x: 1, y: '1', z: [1.5, off, null]}}\n",
      {{"stages.0.outside.values.deep.er", "2"}, {"stages.1.outside.workers", "4"}});
  const auto stage = [&](std::size_t i) {
    return static_cast<const fakes::Outside&>(*job.stages[i].make());
  };
  EXPECT_EQ(stage(0).command, R"(["a","1","true"])");
  EXPECT_EQ(stage(0).values, R"({"deep":{"er":2}})");
  EXPECT_EQ(stage(1).values, R"({"x":1,"y":"1","z":[1.5,"off",null]})");
  EXPECT_EQ(stage(1).workers, 4);
}

TEST(Config, OverridesAreAsIfWritten) {
  const JobSpec job = read(everything, {{"output.video.crf", "20"},
                                        {"output.video.tune", "film"},
                                        {"output.audio", "none"},
                                        {"input.1", "b.mp4"},
                                        {"run.memory", "2G"},
                                        {"stages.0.blur.sigma", "3"},
                                        {"stages.1.filter.threads", "2"},
                                        {"stages.3.nothing", "{}"},
                                        {"output.path", "{stem}.mkv"}});
  EXPECT_THAT(written(job.output.video.options),
              ElementsAre("crf=20", "preset=veryfast", "tune=film"));
  EXPECT_EQ(job.output.audio.kind, AudioSpec::Kind::none);
  EXPECT_THAT(job.inputs, ElementsAre("a.mp4", "b.mp4"));
  EXPECT_EQ(job.run.memory, std::int64_t{2} << 30);
  EXPECT_EQ(static_cast<const fakes::Blur&>(*job.stages[0].make()).sigma, 3);
  EXPECT_EQ(static_cast<const fakes::Filter&>(*job.stages[1].make()).filter, "eq=contrast=1.1");
  EXPECT_EQ(static_cast<const fakes::Filter&>(*job.stages[1].make()).threads, 2);
  EXPECT_EQ(job.output.path, "{stem}.mkv");
}

TEST(Config, InputsMayBeMaps) {
  const JobSpec job = read(
      "input:\n  - path: a.mp4\n    start: 1:30.5\n    end: 2:00:00\n    audio: [eng, 3]\n"
      "  - b.mp4\n",
      {{"input.1.video", "2"}, {"input.1.subtitles", "none"}, {"input.0.end", "100"}});
  const Selection first{.start = 90.5, .end = 100, .video = {}, .audio = {"eng", "3"}};
  const Selection second{.video = 2, .audio = {}, .subtitles = {"none"}};
  EXPECT_THAT(job.inputs, ElementsAre(InputSpec("a.mp4", first), InputSpec("b.mp4", second)));
}

TEST(Config, AnInputIsTheSameAsText) {
  for (const InputSpec& input :
       {InputSpec("a.mp4"), InputSpec("{b} \"c\".mp4"),
        InputSpec("a.mp4", {.start = 0.1, .end = 1e6, .audio = {"eng", "a, b"}}),
        InputSpec("\n'{}'", {.video = 0, .subtitles = {"none"}})})
    EXPECT_EQ(read_input(to_text(input)), input) << to_text(input);
  EXPECT_EQ(read_input("{path: a.mp4, start: 3}"), InputSpec("a.mp4", {.start = 3}));
  EXPECT_THROW(read_input("{start: 3}"), Error);
  EXPECT_THROW(read_input("{path: a.mp4, start: 3, end: 2}"), Error);
  EXPECT_THROW(read_input("{path: a.mp4, begin: 3}"), Error);
}

TEST(Config, Times) {
  for (const auto& [text, seconds] :
       std::initializer_list<std::pair<const char*, double>>{{"90", 90},
                                                             {"0.25", 0.25},
                                                             {"1:30", 90},
                                                             {"1:30.5", 90.5},
                                                             {"01:00:00", 3600},
                                                             {"90:00", 5400}})
    EXPECT_EQ(to_seconds(text), seconds) << text;
  for (const char* wrong : {"", ":", "1:", ":1", "1:60", "1:70", "1:2:3:4", "1.5:30", "-1:30",
                            "1:-3", "1:30.5.5", "1:3e1", "a"})
    EXPECT_FALSE(to_seconds(wrong)) << wrong;
}

TEST(Config, OverridesCreateWhatIsAbsent) {
  const JobSpec job = read("input: a.mp4\noutput: {audio: none}\nstages: [blur]\n",
                           {{"output.audio.codec", "aac"},
                            {"output.options.movflags", "+faststart"},
                            {"run.cores", "2"},
                            {"input.0", "*.mp4"},
                            {"stages.0.blur.radius", "5"},
                            {"stages.0.blur.radius", "6"}});
  EXPECT_EQ(job.output.audio.codec, "aac");
  EXPECT_THAT(written(job.output.options), ElementsAre("movflags=+faststart"));
  EXPECT_EQ(job.run.cores, 2);
  EXPECT_THAT(job.inputs, ElementsAre("*.mp4"));
  EXPECT_EQ(static_cast<const fakes::Blur&>(*job.stages[0].make()).radius, 6);
  EXPECT_EQ(job.output.audio.options.size(), 0u);
  EXPECT_EQ(job.output.audio.location.source->name(), "job.yaml");
  EXPECT_EQ(job.output.options[0].location.message("no"),
            "--set: no\n--set output.options.movflags=+faststart\n                     ^");
}

TEST(Config, Sizes) {
  const std::pair<const char*, std::int64_t> good[] = {{"1048576", 1048576},
                                                       {"512M", 512 << 20},
                                                       {"2G", std::int64_t{2} << 30},
                                                       {"64KiB", 65536},
                                                       {"64k", 65536},
                                                       {"500MB", 500000000},
                                                       {"3B", 3},
                                                       {"0", 0}};
  for (const auto& [text, bytes] : good) EXPECT_EQ(to_size(text), bytes) << text;
  for (const char* bad : {"", "M", "-1", "1.5G", "010", "1 M", "1Mb", "1MiBs", "99999999T", "1KK"})
    EXPECT_EQ(to_size(bad), std::nullopt) << bad;
}

TEST(Config, ModesHaveNames) {
  for (Mode mode : all_modes) EXPECT_EQ(mode_named(name_of(mode)), mode);
  EXPECT_EQ(mode_named("fast"), std::nullopt);
}

TEST(Config, FilesAreReadAndNamed) {
  const std::string path = ::testing::TempDir() + "quadrant_config_test.yaml";
  std::ofstream(path) << "version: 1\nrun: {core: 2}\n";
  try {
    read_job_file(path, fakes::catalogue());
    FAIL();
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), HasSubstr(path + ":2:7: run: unknown key 'core'"));
  }
  std::remove(path.c_str());
}

TEST(Config, FilesThatCannotBeReadAreNamed) {
  const auto message = [](const std::string& path) -> std::string {
    try {
      read_job_file(path, fakes::catalogue());
    } catch (const Error& e) {
      EXPECT_EQ(e.fault(), Fault::usage);
      return e.what();
    }
    return "accepted";
  };
  EXPECT_EQ(message("no/such.yaml"), "no/such.yaml: cannot be read: No such file or directory");
  EXPECT_EQ(message("/tmp"), "/tmp: cannot be read: Is a directory");
  EXPECT_EQ(message("/dev/zero"),
            "/dev/zero: a configuration must not be larger than 1048576 bytes");
}

TEST(Config, SchemaIsMadeFromTheDeclarations) {
  const auto schema = nlohmann::json::parse(json_schema(fakes::catalogue()));
  EXPECT_EQ(schema["required"], nlohmann::json::array({"version"}));
  EXPECT_EQ(schema["additionalProperties"], false);
  const auto& blur = schema["properties"]["stages"]["items"]["oneOf"][0]["properties"]["blur"];
  EXPECT_EQ(blur["additionalProperties"], false);
  const auto& sigma = blur["properties"]["sigma"];
  EXPECT_EQ(sigma["minimum"], 0.1);
  EXPECT_EQ(sigma["maximum"], 20);
  EXPECT_EQ(sigma["default"], 1.5);
  EXPECT_EQ(sigma["description"], "standard deviation (samples)");
}

}  // namespace
}  // namespace quadrant
