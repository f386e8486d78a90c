// SPDX-License-Identifier: MIT
// Concurrent and parallel, coarse: as many units at once as there are cores, each in one thread, as
// `sequential` does it. Decoding and encoding scale too, and nothing moves from core to core; but
// it needs inputs that are cut, or many inputs.
//
// At the end there are fewer units than cores. The last units continue as graphs of frames, as in
// `frames`, so that idle workers help the busy ones.
#include <optional>

#include "pipeline/execute/graph_session.h"
#include "pipeline/execute/one_input.h"

namespace quadrant {
namespace {

class Segments final : public Executor {
 public:
  explicit Segments(const Runtime& runtime) : runtime_(runtime), admission_(runtime_) {}

  void run(std::unique_ptr<Session> session, const UnitFile& file) override {
    session->open(file);
    if (std::optional<Begun> left = run_alone(std::move(session)))
      GraphSession(admission_).go_on(std::move(*left));
  }

 private:
  // Returns the unfinished session once there are workers to spare.
  std::optional<Begun> run_alone(std::unique_ptr<Session> session) {
    OneInput input(std::move(session), {one_after_another(), one_after_another()}, runtime_);
    const double began = wall_seconds();
    while (input.step())
      if (runtime_.idle && runtime_.idle->can_help_since(began) && admission_.has_workers())
        return input.give_away();
    input.finish();
    return std::nullopt;
  }

  Runtime runtime_;
  AdmissionControl admission_;  // for the graphs
};

}  // namespace

std::unique_ptr<Executor> segments_executor(const Runtime& runtime) {
  return std::make_unique<Segments>(runtime);
}

}  // namespace quadrant
