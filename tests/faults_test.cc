// SPDX-License-Identifier: MIT
// A fault in one input ends that input, in every mode: its error is told, nothing of it stays, and
// the other inputs give what they would have given alone.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "pipeline/job/batch.h"
#include "pipeline/job/summary.h"
#include "pipeline/media/log.h"
#include "stages/stages.h"

namespace quadrant {
namespace {

namespace fs = std::filesystem;

// Passes frames on and fails at one; as every kind of stage, to reach every kind of node.
struct Trap : Stage {
  std::int64_t at_frame = 10;
  Format configure(const Format& in) override { return in; }
  void check(const Format& format, std::int64_t pts) const {
    // Only pictures of 96 columns are trapped, so that one input of a batch fails.
    if (format.width == 96 && pts == at_frame) fail(Fault::input, "trap: sprung at frame {}", pts);
  }
};

struct TileTrap final : Trap {
  void process(const Window& in, const Tile& out, State*) const override {
    if (in.now().format().width == 96 && at_frame < 1000 && calls++ > 20)
      fail(Fault::input, "trap: sprung");
    for (int p = 0; p < out.planes(); ++p) in.now().plane(p, out.rows(p)).copyTo(out.plane(p));
  }
  mutable std::atomic<int> calls{0};
};

struct StreamTrap final : Trap {
  Processing processing() const override { return Processing::stream; }
  Order order() const override { return Order::in_order; }
  std::optional<int> warm_up() const override { return 0; }  // so that it runs in segments too
  void stream(const Frame& in, State*, const Emit& emit) const override {
    if (!in) return;
    check(in.format(), in.pts());
    emit(in);
  }
};

struct WaitTrap final : Trap {
  Processing processing() const override { return Processing::async; }
  void start(Frame in, Done done) const override {
    const std::lock_guard lock(mutex);
    threads.emplace_back([this, in = std::move(in), done = std::move(done)]() mutable {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
      std::exception_ptr failure;
      try {
        check(in.format(), in.pts());
      } catch (...) {
        failure = std::current_exception();
      }
      done(std::move(in), failure);
    });
  }
  mutable std::mutex mutex;
  mutable std::vector<std::jthread> threads;  // joined when the stage goes
};

// Fails for a reason that may pass, as often as `failures` says, and then never again.
struct Passing final : Trap {
  Processing processing() const override { return Processing::stream; }
  Order order() const override { return Order::in_order; }
  std::optional<int> warm_up() const override { return 0; }
  void stream(const Frame& in, State*, const Emit& emit) const override {
    if (!in) return;
    if (in.format().width == 96 && in.pts() == at_frame && failures-- > 0)
      fail(Fault::temporary, "passing: not this time");
    emit(in);
  }
  static std::atomic<int> failures;
};
std::atomic<int> Passing::failures{0};

template <class T>
StageInfo trap_info(std::string_view name) {
  return {.name = name,
          .summary = "Fail at a frame",
          .kind = "test",
          .accepts = Accepts::planar,
          .params = {param("at_frame", &Trap::at_frame, "the frame's pts")},
          .make = make_stage<T>};
}

const Catalogue& traps() {
  static const Catalogue catalogue = {
      trap_info<TileTrap>("tile_trap"), trap_info<StreamTrap>("stream_trap"),
      trap_info<WaitTrap>("wait_trap"), trap_info<Passing>("passing")};
  return catalogue;
}

class Faults : public testing::TestWithParam<std::tuple<Mode, const char*>> {
 protected:
  void SetUp() override {
    keep_libav_log();
    std::string pattern = (fs::temp_directory_path() / "quadrant-faults-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }
  void TearDown() override { fs::remove_all(directory_); }

  JobSpec job(const std::string& stage) {
    return read_job("test.yaml",
                    "version: 1\noutput: {path: '" + (directory_ / "{index}.mkv").string() +
                        "', video: {codec: ffv1}}\nstages: [" + stage + "]",
                    traps());
  }
  static std::string source(int width) {
    return fmt::format("lavfi:testsrc2=s={}x64:r=25:d=2,format=yuv420p,settb=1/25", width);
  }

  fs::path directory_;
};

TEST_P(Faults, OneInputFailsTheOthersGoOn) {
  const auto [mode, stage] = GetParam();
  const JobSpec spec = job(stage);
  const StopFlag stop;
  Batch batch(spec, {.inputs = {source(64), source(96), source(128)}, .mode = mode, .cores = 2},
              stop);
  batch.run();
  EXPECT_EQ(batch.inputs()[0].status, Status::done) << batch.inputs()[0].error;
  EXPECT_EQ(batch.inputs()[1].status, Status::failed);
  EXPECT_NE(batch.inputs()[1].error.find("trap: sprung"), std::string::npos)
      << batch.inputs()[1].error;
  EXPECT_EQ(batch.inputs()[2].status, Status::done) << batch.inputs()[2].error;
  EXPECT_EQ(batch.inputs()[2].meter.frames_out, 50);
  EXPECT_TRUE(fs::exists(directory_ / "1.mkv"));
  EXPECT_FALSE(fs::exists(directory_ / "2.mkv"));
  EXPECT_FALSE(fs::exists(directory_ / ".2.mkv.part"));
  EXPECT_EQ(batch.meter().now(), 0) << "a failed frame kept its ticket";
}

INSTANTIATE_TEST_SUITE_P(Modes, Faults,
                         testing::Combine(testing::Values(Mode::sequential, Mode::concurrent,
                                                          Mode::tiles, Mode::frames,
                                                          Mode::segments),
                                          testing::Values("tile_trap", "stream_trap", "wait_trap")),
                         [](const auto& p) {
                           return std::string(name_of(std::get<0>(p.param))) + "_" +
                                  std::get<1>(p.param);
                         });

class Retries : public Faults {};

TEST_P(Retries, RepeatWhatMayPassAndCountNothingTwice) {
  const JobSpec spec = job("passing");
  const StopFlag stop;
  for (const int failures : {2, 3}) {
    Passing::failures = failures;
    fs::remove(directory_ / "1.mkv");
    fs::remove(directory_ / "2.mkv");
    fs::remove(directory_ / ".quadrant.jsonl");
    BatchOptions options{
        .inputs = {source(64), source(96)}, .mode = std::get<0>(GetParam()), .cores = 2};
    options.retries = 2;
    Batch batch(spec, options, stop);
    batch.run();
    const InputState& input = batch.inputs()[1];
    EXPECT_EQ(batch.inputs()[0].status, Status::done) << batch.inputs()[0].error;
    EXPECT_EQ(input.status, failures == 2 ? Status::done : Status::failed) << input.error;
    EXPECT_EQ(input.retried.size(), 2);
    if (failures == 2) {
      EXPECT_EQ(input.meter.frames_out, 50);
    }
    EXPECT_EQ(fs::exists(directory_ / "2.mkv"), failures == 2);
    EXPECT_FALSE(fs::exists(directory_ / ".2.mkv.part"));
  }
}

INSTANTIATE_TEST_SUITE_P(Modes, Retries,
                         testing::Combine(testing::Values(Mode::sequential, Mode::concurrent,
                                                          Mode::tiles, Mode::frames,
                                                          Mode::segments),
                                          testing::Values("passing")),
                         [](const auto& p) { return std::string(name_of(std::get<0>(p.param))); });

class Stopping : public Faults {};

TEST_P(Stopping, EndsSoonAndLeavesNothingHalfWritten) {
  const auto [mode, stage] = GetParam();
  const JobSpec spec = job(std::string(stage) + ": {at_frame: 100000}");
  StopFlag stop;
  const std::string endless = "lavfi:testsrc2=s=320x240:r=25,format=yuv420p,settb=1/25";
  Batch batch(spec, {.inputs = {endless, endless}, .mode = mode, .cores = 2}, stop);
  std::thread raiser([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    stop.raise();
  });
  batch.run();
  raiser.join();
  for (const InputState& input : batch.inputs())
    EXPECT_EQ(input.status, Status::stopped) << input.error;
  EXPECT_TRUE(fs::is_empty(directory_));
}

INSTANTIATE_TEST_SUITE_P(Modes, Stopping,
                         testing::Combine(testing::Values(Mode::sequential, Mode::concurrent,
                                                          Mode::tiles, Mode::frames,
                                                          Mode::segments),
                                          testing::Values("tile_trap", "wait_trap")),
                         [](const auto& p) {
                           return std::string(name_of(std::get<0>(p.param))) + "_" +
                                  std::get<1>(p.param);
                         });

// Does not stop when asked, as a long call of a codec.
struct Deaf final : Trap {
  Processing processing() const override { return Processing::stream; }
  Order order() const override { return Order::in_order; }
  void stream(const Frame& in, State*, const Emit& emit) const override {
    if (!in) return;
    is_working = true;
    while (!may_end) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    emit(in);
  }
  static std::atomic<bool> is_working, may_end;
};
std::atomic<bool> Deaf::is_working{false}, Deaf::may_end{false};

// ThreadSanitizer judges it: nothing is read of an abandoned input that its threads still write.
TEST_F(Faults, AForcedStopReadsNothingThatIsStillWritten) {
  const Catalogue deaf = {trap_info<Deaf>("deaf")};
  const JobSpec spec =
      read_job("test.yaml",
               "version: 1\noutput: {path: '" + (directory_ / "{index}.mkv").string() +
                   "', video: {codec: ffv1}}\nstages: [deaf]",
               deaf);
  for (const Mode mode : {Mode::sequential, Mode::frames, Mode::automatic}) {
    Deaf::is_working = Deaf::may_end = false;
    StopFlag stop;
    Batch batch(spec, {.inputs = {source(64), source(96)}, .mode = mode, .cores = 2}, stop);
    std::thread run([&] { batch.run(); });
    while (!Deaf::is_working) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    stop.raise();
    batch.abandon();
    Deaf::may_end = true;    // the run's threads end meanwhile, and write what they know
    std::thread looks([&] {  // as the thread that watches, which the run's threads tell nothing
      const Report report = report_of(batch, {});
      if (mode != Mode::automatic) {
        EXPECT_EQ(report.mode, name_of(mode));
      }
      for (const InputReport& input : report.inputs) EXPECT_EQ(input.status, "stopped");
      EXPECT_EQ(progress_of(batch, 1).running.size(), 0);
    });
    looks.join();
    run.join();
    for (const InputState& input : batch.inputs()) EXPECT_TRUE(is_final(input.status));
  }
}

// Law 3: a slow encoder or disk stops the reading, not the machine.
TEST_F(Faults, FramesInProgressStayWithinTheBudget) {
  const JobSpec spec = job("stream_trap: {at_frame: 100000}");
  const StopFlag stop;
  for (int cores : {1, 2, 7}) {
    fs::remove(directory_ / "1.mkv");
    fs::remove(directory_ / ".quadrant.jsonl");
    Batch batch(spec, {.inputs = {source(640)}, .mode = Mode::frames, .cores = cores}, stop);
    batch.run();
    EXPECT_LE(batch.meter().peak(), 2 * cores + 4);
    EXPECT_GT(batch.meter().peak(), 1);
  }
}

}  // namespace
}  // namespace quadrant
