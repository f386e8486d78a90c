// SPDX-License-Identifier: MIT
// Concurrent and parallel: many frames of several inputs in progress on all cores. Each input has a
// oneTBB flow graph, all in one arena.
#include "pipeline/execute/graph_session.h"

namespace quadrant {
namespace {

class Frames final : public Executor {
 public:
  explicit Frames(const Runtime& runtime) : runtime_(runtime), admission_(runtime_) {}

  void run(std::unique_ptr<Session> session, const UnitFile& file) override {
    GraphSession(admission_).run(std::move(session), file);
  }

 private:
  Runtime runtime_;
  AdmissionControl admission_;
};

}  // namespace

std::unique_ptr<Executor> frames_executor(const Runtime& runtime) {
  return std::make_unique<Frames>(runtime);
}

}  // namespace quadrant
