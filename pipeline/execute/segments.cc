// SPDX-License-Identifier: MIT
// Concurrent and parallel, coarse: as many parts of inputs at once as there are cores, each by
// itself in one thread, as `sequential` does it. Decoding and encoding scale too, and nothing is
// handed from core to core; what it needs is inputs that are cut, or many of them.
#include <thread>
#include <vector>

#include "pipeline/execute/one_frame.h"

namespace quadrant {
namespace {

class Segments final : public Executor {
 public:
  explicit Segments(const Runtime& runtime) : runtime_(runtime) {}

  void run(Units& units) override {
    std::vector<std::thread> workers;
    for (int i = 0; i < runtime_.cores; ++i)
      workers.emplace_back([&] {
        run_one_frame_at_a_time(units, {one_after_another(), one_after_another()}, runtime_);
      });
    for (std::thread& worker : workers) worker.join();
  }

 private:
  Runtime runtime_;
};

}  // namespace

std::unique_ptr<Executor> segments_executor(const Runtime& runtime) {
  return std::make_unique<Segments>(runtime);
}

}  // namespace quadrant
