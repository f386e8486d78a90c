// SPDX-License-Identifier: MIT
// Parallel, not concurrent: one frame in progress, its strips on all cores. The plan fixes the
// grid, so strips are the same on any number of cores.
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

#include "pipeline/execute/one_input.h"
#include "pipeline/execute/parallel_for.h"
#include "pipeline/plan/bounds.h"

namespace quadrant {
namespace {

class Tiles final : public Executor {
 public:
  explicit Tiles(const Runtime& runtime)
      : runtime_(runtime),
        arena_(computing_threads(runtime.cores)),
        limit_(tbb::global_control::max_allowed_parallelism,
               static_cast<std::size_t>(arena_.max_concurrency())) {}

  void run(std::unique_ptr<Session> session, const UnitFile& file) override {
    const ParallelFor over_cores = [this](int count, const std::function<void(int)>& body) {
      parallel_for(count, body, [this](const auto& strips) { arena_.execute(strips); });
    };
    session->open(file);
    run_one_frame_at_a_time(std::move(session), {over_cores, over_cores}, runtime_);
  }

 private:
  Runtime runtime_;
  tbb::task_arena arena_;
  tbb::global_control limit_;
};

}  // namespace

std::unique_ptr<Executor> tiles_executor(const Runtime& runtime) {
  return std::make_unique<Tiles>(runtime);
}

}  // namespace quadrant
