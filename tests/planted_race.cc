// SPDX-License-Identifier: MIT
// Proves that ThreadSanitizer can fail: it must report a race inside what an executor runs, and
// nothing where the same is no race. tests/planted_race_test.py runs this program, which is built
// in the preset `tsan` only:
//
//   planted_race WHERE KIND
//
// WHERE: `frames`, `tiles` (a stage of a job in that mode) or `loop` (a lambda given to
// parallel_for()); KIND: `plain` (a race) or `atomic` (the same without one).
#include <oneapi/tbb/global_control.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string_view>
#include <thread>

#include "pipeline/execute/parallel_for.h"
#include "pipeline/job/batch.h"
#include "pipeline/media/log.h"
#include "stages/stages.h"

namespace quadrant {
namespace {

namespace fs = std::filesystem;

bool is_atomic = false;
int plain_count = 0;
std::atomic<int> atomic_count{0}, arrived{0};

// Two calls really are in here at once, so that no luck is needed. What they wait for is relaxed:
// it orders nothing, or it would mend the race.
void meet() {
  const auto enough = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  arrived.fetch_add(1, std::memory_order_relaxed);
  while (arrived.load(std::memory_order_relaxed) < 2 && std::chrono::steady_clock::now() < enough)
    std::this_thread::yield();
}

void planted_increment() {
  meet();
  if (is_atomic)
    ++atomic_count;
  else
    ++plain_count;
}

struct Racing final : Stage {
  Format configure(const Format& in) override { return in; }
  void process(const Window& in, const Tile& out, State*) const override {
    planted_increment();
    for (int p = 0; p < out.planes(); ++p) in.now().plane(p, out.rows(p)).copyTo(out.plane(p));
  }
};

const Catalogue& racing_stages() {
  static const Catalogue catalogue = {{.name = "racing",
                                       .summary = "Race with itself",
                                       .kind = "test",
                                       .accepts = Accepts::planar,
                                       .params = {},
                                       .make = make_stage<Racing>}};
  return catalogue;
}

// A picture of several strips.
bool race_in(Mode mode) {
  std::string pattern = (fs::temp_directory_path() / "quadrant-race-XXXXXX").string();
  const fs::path directory = mkdtemp(pattern.data());
  const JobSpec job = read_job("test.yaml",
                               "version: 1\noutput: {path: '" + (directory / "out.mkv").string() +
                                   "', video: {codec: ffv1}}\nstages: [racing]",
                               racing_stages());
  const StopFlag stop;
  Batch batch(
      job,
      {.inputs = {"lavfi:testsrc2=s=640x720:r=25:d=0.2,format=yuv420p"}, .mode = mode, .cores = 2},
      stop);
  batch.run();
  const bool done = batch.inputs().front().status == Status::done;
  if (!done) std::puts(batch.inputs().front().error.c_str());
  fs::remove_all(directory);
  return done;
}

bool race_in_loop() {
  const tbb::global_control two(tbb::global_control::max_allowed_parallelism, 2);
  parallel_for(
      8, [](int) { planted_increment(); }, [](const auto& slices) { slices(); });
  return true;
}

bool race(std::string_view where) {
  if (where == "loop") return race_in_loop();
  return race_in(where == "tiles" ? Mode::tiles : Mode::frames);
}

}  // namespace
}  // namespace quadrant

int main(int count, char** values) {
  if (count != 3) return 2;
  quadrant::keep_libav_log();
  quadrant::is_atomic = std::string_view(values[2]) == "atomic";
  return quadrant::race(values[1]) ? 0 : 1;
}
