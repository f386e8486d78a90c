// SPDX-License-Identifier: MIT
// Neither concurrent nor parallel: one frame, one core, one thread of ours. Tests compare every
// other mode with this one.
#include "pipeline/execute/one_input.h"

namespace quadrant {
namespace {

class Sequential final : public Executor {
 public:
  explicit Sequential(const Runtime& runtime) : runtime_(runtime) {}
  void run(std::unique_ptr<Session> session, const UnitFile& file) override {
    session->open(file);
    run_one_frame_at_a_time(std::move(session), {one_after_another(), one_after_another()},
                            runtime_);
  }

 private:
  Runtime runtime_;
};

}  // namespace

std::unique_ptr<Executor> sequential_executor(const Runtime& runtime) {
  return std::make_unique<Sequential>(runtime);
}

}  // namespace quadrant
