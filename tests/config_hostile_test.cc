// SPDX-License-Identifier: MIT
// Text that was made to hurt, or was damaged: reading must end soon, with a job or with an Error.
#include <gtest/gtest.h>

#include <ctime>
#include <random>
#include <string>

#include "pipeline/config/job_spec.h"
#include "tests/config_fakes.h"

namespace quadrant {
namespace {

// The first line of the message; "accepted" if there is none.
std::string outcome(const std::string& yaml, const std::vector<Override>& overrides = {}) {
  try {
    read_job("job.yaml", yaml, fakes::catalogue(), overrides);
    return "accepted";
  } catch (const Error& e) {
    EXPECT_EQ(e.fault(), Fault::usage);
    const std::string message = e.what();
    return message.substr(0, message.find('\n'));
  }
}

std::string repeated(const std::string& text, std::size_t times) {
  std::string all;
  all.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

TEST(HostileConfig, AliasBombsAreBounded) {
  std::string bomb = "version: 1\na0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string alias = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" +
            repeated(alias + ", ", 8) + alias + "]\n";
  }
  EXPECT_EQ(outcome(bomb), "job.yaml:6:10: a configuration must not hold more than 10000 values");
}

TEST(HostileConfig, AliasesMayNotHoldThemselves) {
  EXPECT_EQ(outcome("a: &a [*a]\n"), "job.yaml:1:8: an alias must not refer to what it is part of");
  EXPECT_EQ(outcome("&a {b: *a}\n"), "job.yaml:1:8: an alias must not refer to what it is part of");
  EXPECT_EQ(outcome("&a [1, {&b k: [*b, *a]}]\n"),
            "job.yaml:1:20: an alias must not refer to what it is part of");
}

TEST(HostileConfig, DepthIsBounded) {
  const std::string too_deep = "lists and maps must not be nested deeper than 64";
  EXPECT_EQ(outcome("a: " + repeated("[", 100) + repeated("]", 100)), "job.yaml:1:67: " + too_deep);
  EXPECT_EQ(outcome("version: 1\na: " + repeated("[", 63) + repeated("]", 63)).substr(0, 12),
            "job.yaml:2:1");  // an unknown key, but read
  EXPECT_NE(outcome("a: " + repeated("[", 500'000)), "accepted");
  EXPECT_EQ(outcome(repeated("{a: ", 200'000)), "job.yaml:1:253: " + too_deep);
  EXPECT_EQ(outcome(repeated("- ", 500'000)), "job.yaml:1:129: " + too_deep);
  EXPECT_EQ(outcome("a: &a " + repeated("[", 40) + repeated("]", 40) + "\nb: " + repeated("[", 40) +
                    "*a" + repeated("]", 40) + "\n"),
            "job.yaml:2:44: " + too_deep);
}

TEST(HostileConfig, NumberOfValuesIsBounded) {
  const std::string too_many = "a configuration must not hold more than 10000 values";
  EXPECT_EQ(outcome("input: [" + repeated("a,", 400'000) + "]"), "job.yaml:1:20007: " + too_many);
  EXPECT_EQ(outcome("input:\n" + repeated("- a\n", 200'000)), "job.yaml:10001:3: " + too_many);
}

TEST(HostileConfig, SizeIsBounded) {
  EXPECT_EQ(outcome("version: 1\n# " + repeated("x", 10'000'000)),
            "job.yaml: a configuration must not be larger than 1048576 bytes");
  EXPECT_EQ(outcome("version: 1\n#" + repeated("x", 1'000'000)), "accepted");
  EXPECT_EQ(outcome("version: 1\ninput: " + repeated("x", 1'000'000)), "accepted");
}

TEST(HostileConfig, BytesThatAreNoTextAreNamed) {
  using std::string_literals::operator""s;
  EXPECT_EQ(outcome("version: 1\ninput: a\xff.mp4\n"), "job.yaml:2:9: this is not UTF-8 text");
  EXPECT_EQ(outcome("version: 1\ninput: \xc0\x80\n"), "job.yaml:2:8: this is not UTF-8 text");
  EXPECT_EQ(outcome("version: 1\ninput: \xed\xa0\x80\n"), "job.yaml:2:8: this is not UTF-8 text");
  EXPECT_EQ(outcome("\xff\xfev\0"s), "job.yaml:1:1: this is not UTF-8 text");
  EXPECT_EQ(outcome("version: 1\0"s), "job.yaml:1:11: control character 0x00");
  EXPECT_EQ(outcome("version: 1\n\x04 input: a\n"), "job.yaml:2:1: control character 0x04");
  EXPECT_EQ(outcome("version: 1\rrun:\r"), "job.yaml:1:11: control character 0x0d");
  EXPECT_EQ(outcome("version: 1\ninput: \x1b[31m\n"), "job.yaml:2:8: control character 0x1b");
}

TEST(HostileConfig, MessagesHoldNothingThatIsNoText) {
  try {
    read_job("job.yaml", "version: 1\nb\xc3\xa9\xff: \"\x1b\"\n", fakes::catalogue());
    FAIL();
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(), "job.yaml:2:3: this is not UTF-8 text\nb\xc3\xa9?: \"?\"\n  ^");
  }
  EXPECT_EQ(outcome("version: 1\n\"a\\x1b\\nb\": 1\n"),
            "job.yaml:2:1: unknown key 'a??b' (known: version, input, on_change, orientation, "
            "speed, output, run, stages)");
}

TEST(HostileConfig, ReadingEndsSoon) {
  const std::string slow[] = {repeated("? ", 400'000),         repeated("a: {", 200'000),
                              repeated("\"", 1'000'000),       repeated("&a ", 300'000),
                              repeated("!", 1'000'000),        repeated("a:\n", 300'000),
                              repeated("k: |\n", 200'000),     repeated(" ", 1'000'000),
                              repeated("\n", 1'000'000),       repeated("[a, ", 200'000),
                              repeated("a b ", 250'000),       repeated("---\n", 200'000),
                              repeated("%A\n", 200'000),       repeated("{", 1'000'000),
                              repeated("x: [\n", 200'000),     "a: '" + repeated("''", 500'000),
                              "? " + repeated("a", 1'000'000), repeated("\t", 1'000'000)};
  for (const std::string& yaml : slow) {
    const std::clock_t begin = std::clock();  // CPU time: how busy the machine is does not count
    outcome(yaml);
    EXPECT_LT(std::clock() - begin, 10 * CLOCKS_PER_SEC) << yaml.substr(0, 20);
  }
}

const std::string good = R"(version: 1
input: ["a.mp4", 'clips/*.mkv']   # two
output:
  path: "out/{stem}.mp4"
  video: {codec: libx264, crf: 23, threads: 4, segment: 2.5}
  audio: &audio {codec: aac, bit_rate: 128k}
run: {mode: frames, cores: 3, memory: 512M}
stages:
  - blur: {border: repeat, sigma: 2, chroma: true}
  - filter: "eq=contrast=1.1"
  - filter: |
      eq=1,
      hue=2
  - nothing
)";

// A few bytes changed, taken out, put in or doubled; always the same ones for the same seed.
std::string mutated(std::mt19937& random) {
  static const std::string spice = "{}[]:,-?&*!|>'\"%@`#~ \t\n\r\\0a9.\xff\xc3\x85\xef\xbb\xbf\x04";
  std::string text = good;
  for (unsigned edits = 1 + random() % 6; edits > 0; --edits) {
    const std::size_t at = random() % text.size(),
                      length = random() % std::min<std::size_t>(text.size() - at, 30);
    switch (random() % 4) {
      case 0: text[at] = spice[random() % spice.size()]; break;
      case 1: text.erase(at, length); break;
      case 2: text.insert(at, 1, spice[random() % spice.size()]); break;
      case 3: text.insert(random() % text.size(), text.substr(at, length)); break;
    }
    if (text.empty()) text = " ";
  }
  return text;
}

TEST(HostileConfig, DamagedTextNeverDoesMoreThanFail) {
  ASSERT_EQ(outcome(good), "accepted");
  std::mt19937 random(20240229);
  int accepted = 0;
  for (int i = 0; i < 4000; ++i) {
    const std::string yaml = mutated(random);
    SCOPED_TRACE(yaml);
    accepted += outcome(yaml) == "accepted";
  }
  EXPECT_GT(accepted, 40);  // or nothing but the first check was tried
  EXPECT_LT(accepted, 3000);
}

// What is accepted in spite of its damage is still a job that can be written and read again.
TEST(HostileConfig, DamagedJobsRoundTrip) {
  std::mt19937 random(4);
  for (int i = 0; i < 2000; ++i) {
    const std::string yaml = mutated(random);
    if (outcome(yaml) != "accepted") continue;
    const std::string canonical = to_yaml(read_job("job.yaml", yaml, fakes::catalogue()));
    SCOPED_TRACE(yaml);
    EXPECT_EQ(to_yaml(read_job("again.yaml", canonical, fakes::catalogue())), canonical);
  }
}

TEST(HostileConfig, DamagedOverridesNeverDoMoreThanFail) {
  const std::string way = "stages.0.blur.sigma=2input.0=[a]output.audio={codec: aac}version=1";
  std::mt19937 random(7);
  for (int i = 0; i < 4000; ++i) {
    std::string text;
    for (unsigned pieces = 1 + random() % 4; pieces > 0; --pieces)
      text += way.substr(random() % way.size(), random() % 24);
    if (random() % 3 == 0)
      text.insert(random() % (text.size() + 1), 1, static_cast<char>(random() % 256));
    const std::size_t equals = std::min(text.find('='), text.size());
    SCOPED_TRACE(text);
    outcome(good, {{text.substr(0, equals), equals < text.size() ? text.substr(equals + 1) : ""}});
  }
}

}  // namespace
}  // namespace quadrant
