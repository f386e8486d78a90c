// SPDX-License-Identifier: MIT
// One input in the graph. A thread of its own does what may wait for storage: it reads packets
// into the graph and writes what comes out. All computing happens in the admission's arena.
//
// Bounded: a packet is read only while frames in progress, packets not decoded yet, packets that
// pass, and coded bytes not written yet are all below their limits. So a slow stage, a slow encoder
// or a slow disk each stop the reading, and memory stays flat.
#pragma once

#include <oneapi/tbb/flow_graph.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

#include <condition_variable>
#include <deque>
#include <mutex>

#include "pipeline/execute/executor.h"
#include "pipeline/execute/frame_states.h"
#include "pipeline/execute/one_input.h"

namespace quadrant {

// What all graphs of a run share: the arena of workers, and the memory for frames. Which units are
// under way at once, so that the least that each needs fits, is the scheduler's to decide.
class AdmissionControl {
 public:
  explicit AdmissionControl(const Runtime& runtime);

  // The least memory that an input can do with, held for as long as this lives.
  class Reservation {
   public:
    Reservation(AdmissionControl& admission, std::int64_t bytes)
        : admission_(admission), bytes_(bytes) {
      admission_.count(bytes_, +1);
    }
    ~Reservation() { admission_.count(-bytes_, -1); }
    Reservation(const Reservation&) = delete;
    Reservation& operator=(const Reservation&) = delete;

   private:
    AdmissionControl& admission_;
    std::int64_t bytes_;
  };
  // Beyond its least, what each input may have just now.
  std::int64_t share() const;

  const Runtime& runtime;
  tbb::task_arena arena;

 private:
  void count(std::int64_t bytes, int inputs);

  // Workers only: the threads that read and write never compute.
  tbb::global_control limit_;
  mutable std::mutex mutex_;
  std::int64_t bytes_ = 0;
  int inputs_ = 0;
};

class GraphSession {
 public:
  explicit GraphSession(AdmissionControl& admission) : admission_(admission) {}

  // In the calling thread, to the complete file. Throw Error.
  void run(std::unique_ptr<Session> session, const UnitFile& file);
  void go_on(Begun begun);  // a session that was begun one frame at a time

 private:
  using Message = std::shared_ptr<Item>;

  void work();
  void make_chain();
  void build();
  void pump();
  void drain();
  bool may_read() const;
  void feed(Packet packet);
  void deliver(Item item);
  void fail_with(std::exception_ptr failure);
  void guarded(const std::function<void()>& body);
  std::shared_ptr<Ticket> admit(const FrameName& name);

  tbb::flow::sender<Message>* add_serial(SerialNode& serial, std::size_t i);
  tbb::flow::sender<Message>* add_parallel(ParallelNode& parallel, std::size_t i);
  tbb::flow::sender<Message>* add_async(AsyncNode& async, std::size_t i);
  template <class N, class... Args>
  N& add_node(Args&&... args);

  AdmissionControl& admission_;
  std::unique_ptr<Session> session_;
  Chain chain_;

  std::unique_ptr<tbb::flow::graph> graph_;
  std::vector<std::unique_ptr<tbb::flow::graph_node>> nodes_;  // go before the graph
  struct SerialState {
    std::uint64_t next_index = 0;  // that it gives
    double ready = 0;              // when all items up to the last one had come, wall_seconds()
  };
  std::deque<SerialState> serial_states_;
  std::vector<NodeStates> states_;  // by node of the chain
  tbb::flow::receiver<Message>* entry_ = nullptr;
  tbb::flow::sender<Message>* tail_ = nullptr;
  std::uint64_t next_index_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Coded> coded_;  // made, not yet written
  std::int64_t coded_bytes_ = 0;
  int undecoded_ = 0, in_progress_ = 0, waiting_ = 0;
  std::int64_t passing_bytes_ = 0;
  bool ended_ = false;
  std::exception_ptr failure_;
  std::atomic<bool> failed_{false};
};

}  // namespace quadrant
