// SPDX-License-Identifier: MIT
// The timeline of a run in the Trace Event format, for ui.perfetto.dev and chrome://tracing: what
// each thread did when (parallelism), and where each frame in progress was (concurrency).
//
//   process 1, threads   a row a thread: spans of reading, decoding, stages, encoding, writing
//   process 2, frames    a row a frame in progress: a span a frame, and in it the states it was at
//   counters             in progress, executing, memory, as the run's samples tell them
//
// Rows are numbered from the lowest free number, so there are as many as there ever were threads or
// frames at once. An event is a few words in its writer's buffer, and becomes text when the buffer
// is full; so memory stays flat and a long run makes a long file. One trace a process: threads are
// the process's too. What is not traced costs a look at a pointer.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace quadrant {

struct TraceEvent {
  enum class Kind : std::uint8_t { thread, frame, state, count };
  Kind kind = Kind::thread;
  int row = 0;
  // In JSON's spelling, and alive until the trace ends: names of stages and states, Trace::kept().
  const char* name = "";
  const char* of = nullptr;   // the input, if that is told
  double begin = 0, end = 0;  // wall_seconds(); a count has no end
  std::int64_t number = -1;   // of the frame, of the strip; -1: none
  double value = 0;           // of a count; of a frame its time in seconds
};

// One thread's events, or one of several others'. Thread-safe: who ends the trace empties it.
class TraceBuffer {
 public:
  void add(const TraceEvent& event);
  std::vector<TraceEvent> take();

 private:
  static constexpr std::size_t capacity = 1024;
  std::mutex mutex_;
  std::vector<TraceEvent> events_;
};

class Trace {
 public:
  using Sink = std::function<void(std::string_view)>;  // called by one thread at a time
  // Active from here to the end of `finish` or of its life; `about` becomes otherData.
  explicit Trace(Sink sink, const std::string& about);
  ~Trace();
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  // Null where nothing is traced.
  static Trace* active() { return active_.load(std::memory_order_acquire); }

  void add(const TraceEvent& event) { others_.add(event); }  // of no thread's buffer
  void write(const std::vector<TraceEvent>& events);         // as text
  const char* kept(const std::string& name);  // in JSON's spelling, until the trace ends
  // Writes what is left and the rows' names. Nothing is traced any more.
  void finish();

 private:
  static std::atomic<Trace*> active_;
  const Sink sink_;
  const double began_;
  TraceBuffer others_;
  std::mutex mutex_;  // of what follows
  std::set<std::string> names_;
  std::set<int> thread_rows_, frame_rows_;  // that have spans
};

}  // namespace quadrant
