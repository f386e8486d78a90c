// SPDX-License-Identifier: MIT
#include "pipeline/observe/unaccounted_cpu.h"

#include <fmt/format.h>

#include <algorithm>

namespace quadrant {
namespace {

constexpr double told_share = 0.05;     // of all CPU seconds: below it no thread is named
constexpr double thread_share = 0.01;   // of all CPU seconds, for a thread to be named
constexpr double least_seconds = 0.01;  // for a thread to be named

double idle_of(const ThreadReading& t) { return std::max(0.0, t.busy - t.busy_cpu); }
double outside_of(const ThreadReading& t) { return std::max(0.0, t.cpu - t.busy_cpu); }

// A busy thread that did not execute was either runnable but descheduled, or waiting in a call: for
// a lock, for a codec's own threads, for a device.
std::string idle_words(const ThreadReading& t) {
  const double idle = idle_of(t), descheduled = std::min(idle, t.delayed);
  return fmt::format(
      "{}: {:.2f} s of the {:.2f} s it was at work were not executing ({:.2f} s "
      "descheduled, {:.2f} s waiting in a call)",
      t.name, idle, t.busy, descheduled, idle - descheduled);
}

std::string outside_words(const ThreadReading& t) {
  const char* what = t.role.empty()       ? "a library's thread, of a codec most likely"
                     : t.role == "watch"  ? "looking at the run"
                     : t.role == "worker" ? "between units of work: it spun, or split a "
                                            "stage's work"
                                          : "opening, checking and putting together";
  return fmt::format("{}: {:.2f} s executing outside of any stage ({})", t.name, outside_of(t),
                     what);
}

}  // namespace

UnaccountedCpu unaccounted_cpu_of(const std::vector<ThreadReading>& threads) {
  UnaccountedCpu all;
  for (const ThreadReading& t : threads) {
    all.busy_seconds += t.busy;
    all.cpu_seconds += t.cpu;
    all.not_executing += idle_of(t);
    all.outside_stages += outside_of(t);
  }
  if (all.cpu_seconds <= 0) return all;
  all.share = (all.not_executing + all.outside_stages) / all.cpu_seconds;
  if (all.share <= told_share) return all;
  const double named = std::max(least_seconds, thread_share * all.cpu_seconds);
  for (const ThreadReading& t : threads) {
    if (idle_of(t) > named) all.words.push_back(idle_words(t));
    if (outside_of(t) > named) all.words.push_back(outside_words(t));
  }
  return all;
}

}  // namespace quadrant
