// SPDX-License-Identifier: MIT
// Neither concurrent nor parallel: one frame, one core, one thread of ours. Every other mode is
// proven equal to this one.
#include "pipeline/execute/one_frame.h"

namespace quadrant {
namespace {

class Sequential final : public Executor {
 public:
  explicit Sequential(const Runtime& runtime) : runtime_(runtime) {}
  void run(Units& units) override {
    run_one_frame_at_a_time(units, {one_after_another(), one_after_another()}, runtime_);
  }

 private:
  Runtime runtime_;
};

}  // namespace

std::unique_ptr<Executor> sequential_executor(const Runtime& runtime) {
  return std::make_unique<Sequential>(runtime);
}

}  // namespace quadrant
