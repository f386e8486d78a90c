// SPDX-License-Identifier: MIT
// Counts and times the work on an input, by stage, while it runs.
//
// Executing is CPU seconds of the process per wall second, so a spinning thread shows as CPU time,
// and descheduling does not make the figure look better. Timing a stage takes four clock readings
// per call, two of the thread's CPU clock and two of the wall clock; they also show how long the
// thread was busy (observe/threads.h; tools/bench reading measures their cost).
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/observe/clocks.h"
#include "pipeline/observe/findings.h"
#include "pipeline/observe/threads.h"

namespace quadrant {

// Work of one stage on one input.
class StageMeter {
 public:
  // `waits`: its work may wait for storage.
  explicit StageMeter(std::string name, bool waits = false)
      : name_(std::move(name)), waits_(waits) {}
  // Runs `work` and counts its time, even if it throws. `strip`: index of the frame's strip, or -1.
  template <class F>
  void time(F&& work, int strip = -1);
  void add_wait(double seconds);
  void add(std::int64_t calls, std::int64_t cpu_ns, std::int64_t wait_ns);  // from another process

  const std::string& name() const { return name_; }
  bool waits() const { return waits_; }
  std::int64_t calls() const { return calls_; }
  std::int64_t cpu_ns() const { return cpu_ns_; }
  std::int64_t wait_ns() const { return wait_ns_; }
  double cpu_seconds() const { return static_cast<double>(cpu_ns_) * 1e-9; }
  double wait_seconds() const { return static_cast<double>(wait_ns_) * 1e-9; }

 private:
  std::string name_;
  bool waits_;
  std::atomic<std::int64_t> calls_{0}, cpu_ns_{0}, wait_ns_{0};
};

// Adds the calling thread's CPU and wall time, from construction to destruction, to the stage; adds
// a span to the trace if the run is traced. Must stay on one thread.
class ScopedTimer {
 public:
  // `calls`: 0 when it continues an interrupted call.
  explicit ScopedTimer(StageMeter& stage, int strip = -1, int calls = 1)
      : stage_(stage), row_(ThreadRow::mine()), strip_(strip), calls_(calls) {
    row_.enter();
  }
  ~ScopedTimer();
  ScopedTimer(const ScopedTimer&) = delete;
  ScopedTimer& operator=(const ScopedTimer&) = delete;

 private:
  StageMeter& stage_;
  ThreadRow& row_;
  int strip_, calls_;
  double began_ = wall_seconds(), cpu_ = row_.cpu_seconds();
};

template <class F>
void StageMeter::time(F&& work, int strip) {
  const ScopedTimer timer(*this, strip);
  work();
}

// A count that also adds to its parent's, until it is taken back.
class Counter {
 public:
  explicit Counter(Counter* whole = nullptr) : whole_(whole) {}
  void operator+=(std::int64_t more) {
    count_.fetch_add(more, std::memory_order_relaxed);
    if (whole_) *whole_ += more;
  }
  void operator++() { *this += 1; }
  operator std::int64_t() const { return count_.load(std::memory_order_relaxed); }
  void take_back() { *this += -*this; }

 private:
  Counter* whole_;
  std::atomic<std::int64_t> count_{0};
};

// One input's counters, written by all its units at once while it runs, and read by progress and
// report.
class InputMeter {
 public:
  InputMeter() = default;
  // For one attempt at a task of the input: also counts for `whole`, which must outlive it.
  // Everything else is kept only in `whole`.
  explicit InputMeter(InputMeter* whole)
      : packets_in(&whole->packets_in),
        frames_in(&whole->frames_in),
        frames_out(&whole->frames_out),
        packets_out(&whole->packets_out),
        decode_errors(&whole->decode_errors),
        whole_(whole) {}

  // Stage indices; a job's own stages are between decode and encode.
  static constexpr int read = 0, decode = 1, first_stage = 2, encode = 1 << 20, write = encode + 1;

  StageMeter& stage(int index, const std::string& name);  // made on first use; stays
  std::vector<std::pair<int, const StageMeter*>> meters() const;
  // The same as plain values, sorted by index.
  struct StageTotals {
    std::string name;
    std::int64_t calls = 0, cpu_ns = 0, wait_ns = 0;
  };
  std::vector<StageTotals> stages() const;
  // Call when nothing works on the input any more: keeps the counts in a tenth of the memory, since
  // a batch may have very many inputs. Invalidates references from stage().
  void settle();

  // What is found out about this unit, or this input's opening; not passed to `whole`.
  void report(const Findings& more);
  Findings findings() const;

  Counter packets_in;  // of the video, to be decoded
  Counter frames_in, frames_out;
  Counter packets_out;  // of the video, that came out of the encoder, which holds frames back
  Counter decode_errors;
  Counter frames_kept;  // of frames_out, those that an earlier run made
  // Time without reading because the limit of frames in progress was reached, in seconds.
  void add_backpressure(double seconds);
  void add_backpressure_ns(std::int64_t ns) {
    backpressure_ns_.fetch_add(ns, std::memory_order_relaxed);
  }
  std::int64_t backpressure_ns() const { return backpressure_ns_; }
  void take_back();  // the attempt failed: takes back its counts, but not its time

 private:
  InputMeter* whole_ = nullptr;
  std::atomic<std::int64_t> backpressure_ns_{0};
  mutable std::mutex mutex_;
  Findings findings_;
  std::map<int, StageMeter> stages_;  // never moved: nodes hold references
  std::vector<StageTotals> settled_;  // replaces stages_ once the input has ended
};

}  // namespace quadrant
