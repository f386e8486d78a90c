// SPDX-License-Identifier: MIT
// Reads concurrency and parallelism of a run.
//
// In progress, by Little's law: the sum of the frames' residence times over the wall time is the
// time-weighted mean number of frames in progress. A frame is in progress from its admission until
// the encoder took it. Executing: CPU seconds of the process over wall seconds, so a spinning
// thread shows as CPU and a descheduled one does not flatter. Both need two clock readings a frame
// and two for the run; per-stage times need two a call (tools/bench measures what that costs).
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/media/log.h"

namespace quadrant {

double thread_cpu_seconds();   // CLOCK_THREAD_CPUTIME_ID
double process_cpu_seconds();  // user and system, with those of processes it made and waited for
double wall_seconds();         // steady clock, from an arbitrary start

// Work of one stage on one input.
class StageMeter {
 public:
  explicit StageMeter(std::string name) : name_(std::move(name)) {}
  // Runs `work` and books its CPU time.
  template <class F>
  void time(F&& work) {
    const double before = thread_cpu_seconds();
    work();
    add(thread_cpu_seconds() - before);
  }
  void add(double cpu_seconds);
  void add_wait(double seconds);
  void add(std::int64_t calls, std::int64_t cpu_ns, std::int64_t wait_ns);  // of another process

  const std::string& name() const { return name_; }
  std::int64_t calls() const { return calls_; }
  std::int64_t cpu_ns() const { return cpu_ns_; }
  std::int64_t wait_ns() const { return wait_ns_; }
  double cpu_seconds() const { return static_cast<double>(cpu_ns_) * 1e-9; }
  double wait_seconds() const { return static_cast<double>(wait_ns_) * 1e-9; }

 private:
  std::string name_;
  std::atomic<std::int64_t> calls_{0}, cpu_ns_{0}, wait_ns_{0};
};

// Frames in progress over all inputs of a run.
class ProgressMeter {
 public:
  void admit() { change(1); }
  void retire(double residence_seconds);
  void change(std::int64_t by);  // of the number in progress, by frames of another process
  void add_residence(double seconds);
  double frame_seconds() const { return static_cast<double>(residence_ns_) * 1e-9; }
  std::int64_t now() const { return now_; }
  std::int64_t peak() const { return peak_; }

 private:
  std::atomic<std::int64_t> now_{0}, peak_{0}, residence_ns_{0};
};

// A frame's permission to be in progress; it ends with the last copy of the frame's item.
class Ticket {
 public:
  // `given_back` is called on destruction, by whichever thread held the ticket last.
  Ticket(ProgressMeter& meter, std::function<void()> given_back);
  ~Ticket();
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;

 private:
  ProgressMeter& meter_;
  std::function<void()> given_back_;
  double admitted_;
};

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
  std::vector<const StageMeter*> stages() const;          // in order of place
  std::vector<std::pair<int, const StageMeter*>> places() const;

  // A stream of the input that was not there when it was planned; told once each.
  void saw_unplanned(int stream);
  std::vector<int> unplanned() const;

  // What libav said of the input, by place: read or decode.
  void complain(int place, const Complaints& heard);
  Complaints complaints(int place) const;

  Counter packets_in;  // of the video, to be decoded
  Counter frames_in, frames_out, decode_errors;
  Counter frames_kept;  // of frames_out, what an earlier run had done already
  void take_back();     // the try failed: it does not count, but for the time it took

 private:
  InputMeter* whole_ = nullptr;
  mutable std::mutex mutex_;
  std::set<int> unplanned_;
  std::map<int, Complaints> complaints_;  // by place
  std::map<int, StageMeter> stages_;      // never moved: nodes hold references
};

}  // namespace quadrant
