// SPDX-License-Identifier: MIT
// Law 1: what is computed never depends on how. The same job in every mode, on any number of cores,
// with any budget and in any order gives the same frames at the same times, and the same file.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "pipeline/job/batch.h"
#include "pipeline/media/log.h"
#include "stages/stages.h"
#include "tests/any_order.h"

namespace quadrant {
namespace {

namespace fs = std::filesystem;

struct Result {
  std::string hashes, file;
  bool operator==(const Result&) const = default;
};
void PrintTo(const Result& r, std::ostream* out) {
  *out << r.file.size() << " bytes\n" << r.hashes;
}

std::string content(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class Agreement : public testing::Test {
 protected:
  void SetUp() override {
    keep_libav_log();
    std::string pattern = (fs::temp_directory_path() / "quadrant-agreement-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }
  void TearDown() override { fs::remove_all(directory_); }

  JobSpec job(const std::string& yaml) {
    JobSpec job = read_job("test.yaml", "version: 1\n" + yaml, all_stages());
    if (job.output.path.empty()) job.output.path = (directory_ / "out.mkv").string();
    return job;
  }

  // A clip on disk, so that copied audio takes part: `graph` is libavfilter's.
  std::string clip(const std::string& graph, const std::string& video) {
    const fs::path path = directory_ / "clip.mkv";
    JobSpec made =
        job("output: {path: '" + path.string() + "', video: " + video + ", audio: {codec: flac}}");
    run(made, "lavfi:" + graph, Mode::sequential, 1);
    return path.string();
  }

  Result run(const JobSpec& job, const std::string& input, Mode mode, int cores,
             int in_flight = 0) {
    fs::remove(job.output.path);  // or it is up to date in every other mode too
    const StopFlag stop;
    Batch batch(job,
                {.inputs = {input},
                 .mode = mode,
                 .cores = cores,
                 .in_flight = in_flight,
                 .overwrite = true,
                 .keep_hashes = true},
                stop);
    batch.run();
    const InputState& state = batch.inputs().front();
    EXPECT_EQ(state.status, Status::done) << state.error;
    peak_ = batch.meter().peak();
    return {state.hashes, content(state.output)};
  }

  Result run_any_order(const JobSpec& job, const std::string& input, std::uint64_t seed) {
    const StopFlag stop;
    InputMeter meter;
    FrameHashes hashes;
    Input opened(input, stop);
    const OutputRequest request = resolve_output(job.output, job.output.path);
    Plan plan = make_plan(job, opened, request, job.output.path, Mode::sequential, {1, 1 << 30});
    const std::string path = (directory_ / "any.mkv").string();
    Session session(std::move(opened), std::make_shared<const Plan>(std::move(plan)), Unit{}, meter,
                    &hashes);
    run_in_any_order(session, path, seed);
    return {hashes.text(), content(path)};
  }

  void expect_agreement(const JobSpec& job, const std::string& input,
                        const std::vector<Mode>& modes = {Mode::concurrent, Mode::tiles,
                                                          Mode::frames, Mode::segments},
                        bool in_one_piece = true) {
    const Result expected = run(job, input, Mode::sequential, 1);
    ASSERT_GT(std::ranges::count(expected.hashes, '\n'), 10);
    for (int cores : {1, 2, 3, 7})
      for (Mode mode : modes)
        EXPECT_EQ(run(job, input, mode, cores), expected) << name_of(mode) << " on " << cores;
    constexpr int few = 2;
    EXPECT_EQ(run(job, input, Mode::frames, 2, few), expected) << "with few frames in flight";
    for (std::uint64_t seed = 1; in_one_piece && seed <= 5; ++seed)
      EXPECT_EQ(run_any_order(job, input, seed), expected) << "seed " << seed;
  }

  fs::path directory_;
  std::int64_t peak_ = 0;  // frames in progress of the last run
};

// The sanitizers watch each access, which takes up to fifty times as long; neither a race nor a
// stray access needs a large picture.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr const char* moving =
    "testsrc2=s=162x122:r=25:d=0.8,format=yuv420p[out0];sine=d=0.8[out1]";
#else
constexpr const char* moving =
    "testsrc2=s=322x246:r=25:d=1.6,format=yuv420p[out0];sine=d=1.6[out1]";
#endif
constexpr const char* lossless = "{codec: ffv1}";

TEST_F(Agreement, NoStage) {
  expect_agreement(job("output: {video: {codec: libx264, preset: veryfast}}"),
                   clip(moving, lossless));
}

TEST_F(Agreement, SeveralEncoderThreads) {
  expect_agreement(job("output: {video: {codec: libx264, preset: medium, threads: 3}}\nstages: "
                       "[{blur: {sigma: 2}}]"),
                   clip(moving, lossless));
}

TEST_F(Agreement, PointHaloAndGeometry) {
  expect_agreement(job("output: {video: {codec: mpeg4}}\nstages:\n  - levels: {gamma: 1.3}\n  - "
                       "blur: {sigma: 3}\n  - sharpen: {}\n  - median: {radius: 2}\n"
                       "  - saturation: {amount: 1.5}\n"),
                   clip(moving, lossless));
}

TEST_F(Agreement, EveryKindOfStage) {
  expect_agreement(job("output: {video: {codec: libx264, preset: ultrafast}}\nstages:\n  - "
                       "denoise: {strength: 4, search: 5}\n"
                       "  - temporal_denoise: {past: 2, future: 1}\n  - wait: {ms: 3}\n  - "
                       "deflicker: {}\n  - clahe: {}\n"
                       "  - ffmpeg: \"eq=contrast=1.1\"\n  - scale: {width: 200}\n  - blur: "
                       "{sigma: 1}\n  - ffmpeg: \"hqdn3d,fps=20\"\n"
                       "  - pad: {left: 8, top: 4}\n  - rotate: {degrees: 90}\n  - flip: "
                       "{direction: vertical}\n"),
                   clip(moving, lossless),
                   {Mode::concurrent, Mode::tiles, Mode::frames}  // hqdn3d remembers all
  );
}

TEST_F(Agreement, ConvertedAndDeep) {
  constexpr const char* rgb = "testsrc2=s=200x154:r=25:d=1,format=gbrp[out0];sine=d=1[out1]";
  expect_agreement(job("output: {video: {codec: ffv1, pixel_format: yuv422p10le}}\nstages: "
                       "[sharpen: {}, temporal_denoise: {}, median: {}]"),
                   clip(rgb, lossless));
}

// Twelve seconds with a keyframe every second; windows and warm-up reach across the borders.
TEST_F(Agreement, CutIntoSegments) {
  constexpr const char* longer = "testsrc2=s=96x64:r=10:d=6,format=yuv420p[out0];sine=d=6[out1]";
  expect_agreement(job("output: {video: {codec: libx264, preset: veryfast, bf: 2, segment: 1}, "
                       "audio: {codec: flac}}\nstages: [temporal_denoise: {past: 2, future: 1}, "
                       "deflicker: {}]"),
                   clip(longer, "{codec: libx264, g: 10, keyint_min: 10}"),
                   {Mode::concurrent, Mode::tiles, Mode::frames, Mode::segments}, false);
}

// The last segment goes on as a graph once a core has nothing else to do: in the middle of windows,
// of what the decoder and the encoder hold, and of sound that passes.
TEST_F(Agreement, ALoneUnitGoesOnAsAGraph) {
  for (const char* segment : {"none", "3"}) {
    const JobSpec slow = job(
        fmt::format("output: {{video: {{codec: libx264, preset: veryfast, bf: 2, segment: {}}}}}\n"
                    "stages: [temporal_denoise: {{past: 2, future: 2}}, deflicker: {{}}, "
                    "wait: {{ms: 15}}]",
                    segment));
    const std::string input = clip("testsrc2=s=96x64:r=10:d=9,format=yuv420p[out0];sine=d=9[out1]",
                                   "{codec: libx264, g: 10, keyint_min: 10}");
    const Result expected = run(slow, input, Mode::sequential, 1);
    EXPECT_EQ(peak_, 1);
    EXPECT_EQ(run(slow, input, Mode::segments, 2), expected);
    EXPECT_GT(peak_, 2) << "in segments of " << segment;
  }
}

TEST_F(Agreement, ReencodedAudio) {
  expect_agreement(job("output: {video: {codec: ffv1}, audio: {codec: aac, bit_rate: "
                       "64k}}\nstages: [levels: {brightness: 0.1}]"),
                   clip(moving, lossless));
}

}  // namespace
}  // namespace quadrant
