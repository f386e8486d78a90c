// SPDX-License-Identifier: MIT
// The cost of measuring concurrency and parallelism: nanoseconds for a frame's ticket, for a timed
// call of a stage, and for a trace event (made, converted to text and written to a file).
// `tools/bench reading` and `trace` multiply these by the counts of a real run.
#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "pipeline/observe/in_progress.h"
#include "pipeline/observe/meter.h"
#include "pipeline/observe/trace.h"

namespace {

template <class F>
double nanoseconds(F&& once) {
  constexpr int count = 1'000'000;
  const double began = quadrant::thread_cpu_seconds();
  for (int i = 0; i < count; ++i) once();
  return (quadrant::thread_cpu_seconds() - began) / count * 1e9;
}

double trace_event() {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), std::fclose);
  quadrant::Trace trace(
      [&](std::string_view text) {
        std::rewind(file.get());  // a million events would take a hundred megabytes
        std::fwrite(text.data(), 1, text.size(), file.get());
      },
      "");
  const double now = quadrant::wall_seconds();
  return nanoseconds([&] {
    trace.add({.row = 1, .name = "sharpen", .begin = now, .end = now + 0.001, .number = 7});
  });
}

}  // namespace

int main() {
  quadrant::ProgressMeter meter;
  quadrant::StageMeter stage("stage");
  quadrant::FrameState& state = meter.state({});
  const double ticket = nanoseconds(
      [&] { std::make_shared<quadrant::Ticket>(meter, quadrant::FrameName{}, nullptr); });
  quadrant::Ticket frame(meter, {}, nullptr);
  const double move = nanoseconds([&] { frame.move_to(state); });
  const double call = nanoseconds([&] { stage.time([] {}); });
  fmt::print(
      "{{\"ticket_ns\": {:.1f}, \"move_ns\": {:.1f}, \"timed_call_ns\": {:.1f}, \"event_ns\": "
      "{:.1f}}}\n",
      ticket, move, call, trace_event());
}
