// SPDX-License-Identifier: MIT
// What reading concurrency and parallelism costs: nanoseconds for a frame's ticket, and for a timed
// call of a stage. `tools/bench reading` multiplies them with the counts of a real run.
#include <fmt/format.h>

#include <memory>

#include "pipeline/observe/in_progress.h"
#include "pipeline/observe/meter.h"

namespace {

template <class F>
double nanoseconds(F&& once) {
  constexpr int count = 1'000'000;
  const double began = quadrant::thread_cpu_seconds();
  for (int i = 0; i < count; ++i) once();
  return (quadrant::thread_cpu_seconds() - began) / count * 1e9;
}

}  // namespace

int main() {
  quadrant::ProgressMeter meter;
  quadrant::StageMeter stage("stage");
  quadrant::FramePlace& place = meter.place({});
  const double ticket = nanoseconds(
      [&] { std::make_shared<quadrant::Ticket>(meter, quadrant::FrameName{}, nullptr); });
  quadrant::Ticket frame(meter, {}, nullptr);
  const double move = nanoseconds([&] { frame.move_to(place); });
  const double call = nanoseconds([&] { stage.time([] {}); });
  fmt::print("{{\"ticket_ns\": {:.1f}, \"move_ns\": {:.1f}, \"timed_call_ns\": {:.1f}}}\n", ticket,
             move, call);
}
