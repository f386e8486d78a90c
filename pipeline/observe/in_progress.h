// SPDX-License-Identifier: MIT
// Frames in progress: how many at each moment, and the state of each.
//
// A frame is in progress from its admission until the encoder has taken it; that time is its
// residence. By Little's law the sum of all residences over the wall time is the time-weighted mean
// number in progress. The same holds for each state: at every moment a frame is in exactly one
// state, and moving it adds the time since its last move to the state that it leaves. So the
// states' times sum to the residences, and a state's time over the wall time is the mean number of
// frames in it. This shows where frames that are in progress but not executing wait.
#pragma once

#include <atomic>
#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/observe/clocks.h"

namespace quadrant {

enum class FrameStateKind {
  order,    // early: a serial node takes frames in order, and an earlier one has not come
  queue,    // its turn, but the node or all workers are busy
  window,   // held until the neighbouring frames that its stage reads have come
  stage,    // a thread works on it
  wait,     // in a stage that waits and holds no core
  storage,  // its result is being written
};
std::string_view name_of(FrameStateKind kind);

struct FrameStateKey {
  int node = 0;  // in the chain, so that states sort in the order of the data flow
  FrameStateKind kind = FrameStateKind::stage;
  std::string at;  // "denoise+sharpen", "encode"
  auto operator<=>(const FrameStateKey&) const = default;
};

class FrameState {
 public:
  explicit FrameState(const FrameStateKey& key);
  void add(std::int64_t ns) { ns_.fetch_add(ns, std::memory_order_relaxed); }
  std::int64_t ns() const { return ns_.load(std::memory_order_relaxed); }
  const char* name() const { return name_.c_str(); }  // "queue before denoise"

 private:
  std::string name_;
  std::atomic<std::int64_t> ns_{0};
};

// Sums over all inputs of a run. Thread-safe.
class ProgressMeter {
 public:
  struct Admission {
    double when = 0;  // wall_seconds()
    int row = 0;      // the lowest number that no other frame in progress has
  };
  Admission admit();
  double retire(const Admission& admission);  // returns the time, wall_seconds()

  // For frames in another process: the change of their number in progress, how far their peak was
  // above that number, and seconds of residence.
  void change(std::int64_t by, std::int64_t peak_above);
  void add_residence(double seconds);

  // Made on first use; stays.
  FrameState& state(const FrameStateKey& key);
  std::map<FrameStateKey, std::int64_t> state_ns() const;

  double frame_seconds() const;  // sum of residences of retired frames
  std::int64_t now() const;
  std::int64_t peak() const;
  // Frames in progress integrated over time until now, in frame seconds: frame_seconds() plus the
  // residence so far of the frames still in progress.
  double integral() const;
  // Seconds by number of frames in progress, from 1, until now.
  std::vector<double> histogram() const;

 private:
  void pass(double now);  // counts the time since the last change
  void set(std::int64_t now);

  mutable std::mutex mutex_;
  std::int64_t now_ = 0, peak_ = 0;
  double since_ = 0, residence_ = 0;
  std::vector<double> seconds_by_frames_;
  std::vector<int> free_rows_;  // a heap, lowest first
  int rows_ = 0;
  std::map<FrameStateKey, FrameState> states_;
};

// The name of a frame in a trace.
struct FrameName {
  const char* what = "frame";  // counted frames of the input; or another label
  std::int64_t number = -1;    // in its input or segment, from 1; -1: not counted
  double seconds = 0;          // its time
  const char* of = nullptr;    // Trace::kept() name of the input
};

// A frame's permission to be in progress; ends with the last copy of the frame's item.
class Ticket {
 public:
  // The last thread to hold the ticket calls `given_back` on destruction.
  Ticket(ProgressMeter& meter, const FrameName& name, std::function<void()> given_back);
  ~Ticket();
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;

  // Puts the frame into `state` from `when` on; `state` must outlive the ticket. If a frame became
  // several, the last move counts. Thread-safe.
  void move_to(FrameState& state, double when);
  void move_to(FrameState& state) { move_to(state, wall_seconds()); }

 private:
  void book(double until);

  ProgressMeter& meter_;
  const FrameName name_;
  std::function<void()> given_back_;
  const ProgressMeter::Admission admission_;
  std::mutex mutex_;
  FrameState* state_ = nullptr;  // current state, since `since_`
  double since_;
};

}  // namespace quadrant
