// SPDX-License-Identifier: MIT
#include "pipeline/execute/one_frame.h"

#include "pipeline/execute/one_input.h"

namespace quadrant {
namespace {

std::exception_ptr run_unit(Unit& unit, const Spread& spread, const Runtime& runtime) {
  try {
    if (std::unique_ptr<Session> session = open_session(unit, runtime))
      run_one_frame_at_a_time(std::move(session), spread, runtime, [] { return true; });
    return nullptr;
  } catch (...) {
    return std::current_exception();
  }
}

}  // namespace

std::unique_ptr<Session> open_session(Unit& unit, const Runtime& runtime) {
  if (runtime.stop.raised()) fail(Fault::stopped, "stopped");
  std::unique_ptr<Session> session = unit.open();
  if (session) session->open(unit.part_path());
  return session;
}

void run_one_frame_at_a_time(std::unique_ptr<Session> session, const Spread& spread,
                             const Runtime& runtime, const GoesOn& goes_on) {
  OneInput input(std::move(session), spread, runtime);
  while (goes_on() && input.step()) {
  }
  input.finish();
}

void run_one_frame_at_a_time(Units& units, const Spread& spread, const Runtime& runtime) {
  while (const std::unique_ptr<Unit> unit = units.next())
    unit->done(run_unit(*unit, spread, runtime));
}

}  // namespace quadrant
