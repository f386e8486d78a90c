// SPDX-License-Identifier: MIT
// The timeline of a run in the Trace Event format, for ui.perfetto.dev and chrome://tracing: what
// each thread did when (parallelism), and the state of each frame in progress (concurrency).
//
//   process 1, threads   one row per thread: spans of reading, decoding, stages, encoding, writing
//   process 2, frames    one row per frame in progress: a span for the frame, inside it its states
//   counters             in progress, executing, memory, from the run's samples
//
// New threads and frames take the lowest free row, so there are as many rows as the peak number of
// threads or frames. An event is a few words in its writer's buffer, which becomes text when it is
// full; so memory stays flat, and a long run makes a long file. One trace per process, since
// threads belong to the process. Without a trace the cost is a look at a pointer.
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
  // As JSON text, valid until the trace ends: names of stages and states, Trace::kept().
  const char* name = "";
  const char* of = nullptr;   // the input, if known
  double begin = 0, end = 0;  // wall_seconds(); a count has no end
  std::int64_t number = -1;   // of the frame or strip; -1: none
  double value = 0;           // of a count; for a frame its time in seconds
};

// The events of one thread, or of several. Thread-safe: the thread that ends the trace empties it.
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
  // Active from here to finish() or the destructor; `about` becomes otherData.
  explicit Trace(Sink sink, const std::string& about);
  ~Trace();
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  // Null if nothing is traced.
  static Trace* active() { return active_.load(std::memory_order_acquire); }

  void add(const TraceEvent& event) { others_.add(event); }  // not in a thread's buffer
  void write(const std::vector<TraceEvent>& events);         // converts to text
  const char* kept(const std::string& name);  // as JSON text, valid until the trace ends
  // Writes the remaining events and the rows' names. Ends tracing.
  void finish();

 private:
  static std::atomic<Trace*> active_;
  const Sink sink_;
  const double began_;
  TraceBuffer others_;
  std::mutex mutex_;  // guards the following members
  std::set<std::string> names_;
  std::set<int> thread_rows_, frame_rows_;  // rows with spans
};

}  // namespace quadrant
