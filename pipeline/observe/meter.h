// SPDX-License-Identifier: MIT
// What is done for an input, counted and timed: by place of the chain, while it runs.
//
// Executing is the CPU seconds of the process over wall seconds, so a spinning thread shows as CPU
// and a descheduled one does not flatter. A stage's time needs four clock readings a call, two of
// the thread's CPU clock and two of the wall, which say beside it what the thread was marked at
// (observe/threads.h; tools/bench reading measures what that costs).
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/observe/clocks.h"
#include "pipeline/observe/diagnostics.h"
#include "pipeline/observe/threads.h"

namespace quadrant {

// Work of one stage on one input.
class StageMeter {
 public:
  // `waits`: what it does may wait for storage.
  explicit StageMeter(std::string name, bool waits = false)
      : name_(std::move(name)), waits_(waits) {}
  // Runs `work` and books its time, of a failed one too. `strip`: of the frame, if it is one.
  template <class F>
  void time(F&& work, int strip = -1);
  void add_wait(double seconds);
  void add(std::int64_t calls, std::int64_t cpu_ns, std::int64_t wait_ns);  // of another process

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

// Books to the stage, for as long as it lives, what the thread does: its CPU time, the mark, and a
// span if the run is traced. Stays in its thread.
class Mark {
 public:
  // `calls`: 0 where it goes on with a call that was interrupted.
  explicit Mark(StageMeter& stage, int strip = -1, int calls = 1)
      : stage_(stage), row_(ThreadRow::mine()), strip_(strip), calls_(calls) {
    row_.enter();
  }
  ~Mark();
  Mark(const Mark&) = delete;
  Mark& operator=(const Mark&) = delete;

 private:
  StageMeter& stage_;
  ThreadRow& row_;
  int strip_, calls_;
  double began_ = wall_seconds(), cpu_ = thread_cpu_seconds();
};

template <class F>
void StageMeter::time(F&& work, int strip) {
  const Mark mark(*this, strip);
  work();
}

// A count that also counts for what it is a part of, until it is taken back.
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

// One input's counters, written while it runs, by all its parts at once, and read by progress and
// report.
class InputMeter {
 public:
  InputMeter() = default;
  // Of one try at a part of the input: counts for `whole` too, which must live longer. All else is
  // the whole's alone.
  explicit InputMeter(InputMeter* whole)
      : packets_in(&whole->packets_in),
        frames_in(&whole->frames_in),
        frames_out(&whole->frames_out),
        decode_errors(&whole->decode_errors),
        whole_(whole) {}

  // Places in the chain; the stages stand between decode and encode.
  static constexpr int read = 0, decode = 1, first_stage = 2, encode = 1 << 20, write = encode + 1;

  StageMeter& stage(int place, const std::string& name);  // made when first asked for; stays
  std::vector<std::pair<int, const StageMeter*>> places() const;
  // The same as plain values, in order of place.
  struct StageTotals {
    std::string name;
    std::int64_t calls = 0, cpu_ns = 0, wait_ns = 0;
  };
  std::vector<StageTotals> stages() const;
  // Nobody works on the input any more: what was counted is kept in a tenth of the memory, for a
  // batch may have very many inputs. References that stage() gave end here.
  void settle();

  // A stream of the input that was not there when it was planned; told once each.
  void saw_unplanned(int stream);
  std::vector<int> unplanned() const;

  // What libav said of the input, by place: read or decode.
  void report(int place, const Diagnostics& heard);
  Diagnostics diagnostics(int place) const;

  Counter packets_in;  // of the video, to be decoded
  Counter frames_in, frames_out, decode_errors;
  Counter frames_kept;  // of frames_out, what an earlier run had done already
  // Nothing was read, for as many frames were in progress as may be; seconds.
  void was_full(double seconds);
  void add_full(std::int64_t ns) { full_ns_.fetch_add(ns, std::memory_order_relaxed); }
  std::int64_t full_ns() const { return full_ns_; }
  void take_back();  // the try failed: it does not count, but for the time it took

 private:
  InputMeter* whole_ = nullptr;
  std::atomic<std::int64_t> full_ns_{0};
  mutable std::mutex mutex_;
  std::set<int> unplanned_;
  std::map<int, Diagnostics> diagnostics_;  // by place
  std::map<int, StageMeter> stages_;        // never moved: nodes hold references
  std::vector<StageTotals> settled_;        // in place of those, once it has ended
};

}  // namespace quadrant
