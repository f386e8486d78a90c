// SPDX-License-Identifier: MIT
// Frames in progress: how many at each moment, and where each of them is.
//
// A frame is in progress from its admission until the encoder took it; that time is its residence.
// By Little's law the sum of all residences over the wall time is the time-weighted mean number in
// progress. The same holds by place: at every moment a frame is at exactly one, and whoever moves
// it books the time since it was last moved to the place it leaves. So the places' times sum to the
// residences, and a place's time over the wall time is how many frames were there on average. That
// is where the difference between in progress and executing waits.
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

enum class PlaceKind {
  order,    // done before its turn: a lane takes frames in order, and an earlier one has not come
  queue,    // its turn, but the lane or all workers are busy
  window,   // held until the frames come that its stage reads beside it
  stage,    // a thread is at it
  wait,     // in a stage that waits and holds no core
  storage,  // what became of it is being written
};
std::string_view name_of(PlaceKind kind);

struct PlaceKey {
  int node = 0;  // of the chain, so that places sort the way frames go
  PlaceKind kind = PlaceKind::stage;
  std::string at;  // "denoise+sharpen", "encode"
  auto operator<=>(const PlaceKey&) const = default;
};

class FramePlace {
 public:
  explicit FramePlace(const PlaceKey& key);
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
  FramePlace& place(const PlaceKey& key);
  std::map<PlaceKey, std::int64_t> place_ns() const;

  double frame_seconds() const;  // residences of retired frames
  std::int64_t now() const;
  std::int64_t peak() const;
  // Frames in progress integrated over time until now, frame seconds: like frame_seconds(), and of
  // those that are still in progress what they have been so far.
  double integral() const;
  // Seconds by number of frames in progress, from one on, until now.
  std::vector<double> seconds_at() const;

 private:
  void pass(double now);  // the time since the last change
  void set(std::int64_t now);

  mutable std::mutex mutex_;
  std::int64_t now_ = 0, peak_ = 0;
  double since_ = 0, residence_ = 0;
  std::vector<double> seconds_at_;
  std::vector<int> free_rows_;  // a heap, the lowest first
  int rows_ = 0;
  std::map<PlaceKey, FramePlace> places_;
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

  // From `when` on the frame is at `place`, which must live longer. Of a frame that became several,
  // where the last one went. Thread-safe.
  void move_to(FramePlace& place, double when);
  void move_to(FramePlace& place) { move_to(place, wall_seconds()); }

 private:
  void book(double until);

  ProgressMeter& meter_;
  const FrameName name_;
  std::function<void()> given_back_;
  const ProgressMeter::Admission admission_;
  std::mutex mutex_;
  FramePlace* place_ = nullptr;  // where it is, since
  double since_;
};

}  // namespace quadrant
