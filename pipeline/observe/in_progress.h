// SPDX-License-Identifier: MIT
// Frames in progress: how many at each moment, and where each of them is.
//
// A frame is in progress from its admission until the encoder took it; that time is its residence.
// By Little's law the sum of all residences over the wall time is the time-weighted mean number in
// progress. The same holds by state: at every moment a frame is in exactly one state, and whoever
// moves it adds the time since its last move to the state that it leaves. So the states' times sum
// to the residences, and a state's time over the wall time is how many frames were there on
// average. That is where the frames that are in progress but not executing wait.
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
  order,    // done before its turn: a serial node takes frames in order, and an earlier one has not
            // come
  queue,    // its turn, but the node or all workers are busy
  window,   // held until the frames come that its stage reads beside it
  stage,    // a thread is at it
  wait,     // in a stage that waits and holds no core
  storage,  // what became of it is being written
};
std::string_view name_of(FrameStateKind kind);

struct FrameStateKey {
  int node = 0;  // of the chain, so that states sort the way frames go
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

// Over all inputs of a run. Thread-safe.
class ProgressMeter {
 public:
  struct Admission {
    double when = 0;  // wall_seconds()
    int row = 0;      // the lowest number that no other frame in progress had
  };
  Admission admit();
  double retire(const Admission& admission);  // when it was, wall_seconds()

  // Of frames in another process: how many are in progress there, by how much more there were at
  // most, and seconds of residence.
  void change(std::int64_t by, std::int64_t peak_above);
  void add_residence(double seconds);

  // Made when first asked for; stays.
  FrameState& state(const FrameStateKey& key);
  std::map<FrameStateKey, std::int64_t> state_ns() const;

  double frame_seconds() const;  // residences of retired frames
  std::int64_t now() const;
  std::int64_t peak() const;
  // Frames in progress integrated over time until now, frame seconds: like frame_seconds(), and of
  // those that are still in progress what they have been so far.
  double integral() const;
  // Seconds by number of frames in progress, from one on, until now.
  std::vector<double> histogram() const;

 private:
  void pass(double now);  // the time since the last change
  void set(std::int64_t now);

  mutable std::mutex mutex_;
  std::int64_t now_ = 0, peak_ = 0;
  double since_ = 0, residence_ = 0;
  std::vector<double> seconds_by_frames_;
  std::vector<int> free_rows_;  // a heap, the lowest first
  int rows_ = 0;
  std::map<FrameStateKey, FrameState> states_;
};

// What a frame is called in a trace.
struct FrameName {
  const char* what = "frame";  // that counts as one of the input; or what else is in progress
  std::int64_t number = -1;    // in its input or segment, from one; -1: it is none of them
  double seconds = 0;          // its time
  const char* of = nullptr;    // Trace::kept() name of the input
};

// A frame's permission to be in progress; it ends with the last copy of the frame's item.
class Ticket {
 public:
  // `given_back` is called on destruction, by whichever thread held the ticket last.
  Ticket(ProgressMeter& meter, const FrameName& name, std::function<void()> given_back);
  ~Ticket();
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;

  // From `when` on the frame is in `state`, which must live longer. Of a frame that became several,
  // where the last one went. Thread-safe.
  void move_to(FrameState& state, double when);
  void move_to(FrameState& state) { move_to(state, wall_seconds()); }

 private:
  void book(double until);

  ProgressMeter& meter_;
  const FrameName name_;
  std::function<void()> given_back_;
  const ProgressMeter::Admission admission_;
  std::mutex mutex_;
  FrameState* state_ = nullptr;  // where it is, since
  double since_;
};

}  // namespace quadrant
