// SPDX-License-Identifier: MIT
#include "tools/watch.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <utility>

#include "pipeline/begin_thread.h"
#include "pipeline/config/utf8.h"
#include "pipeline/observe/trace.h"
#include "pipeline/store/paths.h"
#include "tools/signals.h"

namespace quadrant {
namespace {

// Long enough for every node to finish its current frame, and below the promised two seconds.
constexpr double patience_seconds = 1.4;
constexpr std::chrono::milliseconds look_interval{50};
constexpr int looks_a_show = 4, looks_a_thread_reading = 20;
constexpr int looks_a_note = 5 * looks_a_show;

}  // namespace

Watch::Watch(Batch& batch, std::unique_ptr<Progress> progress,
             std::function<void(const Report&)> leave)
    : batch_(batch),
      leave_(std::move(leave)),
      progress_(std::move(progress)),
      began_(counters()),
      over_time_(began_),
      thread_(begin_thread([this] {
        call_this_thread("watch");
        look();
      })) {}

Watch::~Watch() { end(); }

const Report& Watch::end() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) {
    thread_.join();
    report_ = report();
    progress_->finish(progress_of(batch_, report_.wall_seconds));
  }
  return report_;
}

OverTime::Counters Watch::counters() const {
  return {.wall = wall_seconds(),
          .frame_seconds = batch_.meter().integral(),
          .cpu = process_cpu_seconds() + batch_.unit_cpu_seconds(),
          .rss_bytes = rss_bytes() + batch_.unit_rss_bytes()};
}

Report Watch::report() {
  const OverTime::Counters now = counters();
  over_time_.add(now);
  count_in_trace();
  return report_of(batch_, {.wall_seconds = now.wall - began_.wall,
                            .cpu_seconds = now.cpu - began_.cpu,
                            .peak_threads = peak_threads_,
                            .over_time = over_time_.samples(),
                            .executing_seconds = over_time_.executing_seconds(),
                            .threads = threads_.readings()});
}

void Watch::look() {
  std::unique_lock lock(mutex_);
  double stop_seen = 0;
  for (int i = 0; !wake_.wait_for(lock, look_interval, [&] { return ended_; }); ++i) {
    sample();
    tell_stalled();
    if (i % looks_a_thread_reading == 0) threads_.look();
    if (i % looks_a_show == 0) show(i % looks_a_note == 0 && !stop_asked());
    if (!stop_asked()) continue;
    if (stop_seen == 0) stop_seen = wall_seconds();
    if (wall_seconds() - stop_seen <= patience_seconds) continue;
    // A codec or stage is in a long call that cannot be interrupted.
    batch_.abandon();
    const Report last = report();
    progress_->finish(progress_of(batch_, last.wall_seconds));
    leave_(last);
    _exit(stopped_code());
  }
}

void Watch::show(bool to_others) {
  const BatchProgress now = progress_of(batch_, wall_seconds() - began_.wall);
  progress_->show(now);
  if (!to_others) return;
  const BatchTotals all = totals(now);
  time_left_.look(now.seconds, all.made);
  batch_.tell({name_of_this_process(), all, time_left_.range(all.missing)});
}

void Watch::sample() {
  peak_threads_ = std::max(peak_threads_, thread_count() + batch_.unit_threads());
  over_time_.add(counters());
  count_in_trace();
}

// In a trace a value lasts until the next one, so an interval's value is written at its start.
void Watch::count_in_trace() {
  Trace* trace = Trace::active();
  if (!trace) return;
  const OverTime::Sample now = over_time_.last();
  const auto count = [&](const char* name, double value) {
    trace->add({.kind = TraceEvent::Kind::count,
                .name = name,
                .begin = began_.wall + now.begin,
                .value = value});
  };
  count("frames in progress", now.in_progress);
  count("cores executing", now.executing);
  count("memory, MiB", static_cast<double>(now.rss_bytes) / (1 << 20));
}

// A user who watches a hanging run should know why it hangs.
void Watch::tell_stalled() {
  for (const InputState* input : batch_.roster().under_way())
    if (input->stalled && told_.insert(input).second)
      std::cerr << printable(
                       fmt::format("stalled: {}: one of its units makes no progress and was asked "
                                   "to stop; if it does not, run.isolate: process can end it",
                                   input->input))
                << '\n';
}

}  // namespace quadrant
