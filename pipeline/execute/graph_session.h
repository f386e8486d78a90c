// SPDX-License-Identifier: MIT
// One unit in a flow graph. The calling thread does what may wait for storage: it reads packets
// into the graph and writes what comes out. All computing happens in the arena of AdmissionControl.
//
// Bounded: the thread reads a packet only while frames in progress, undecoded packets, copied
// packets and unwritten coded bytes are all below their limits, and a node that makes many frames
// of one makes the next when there is room. So a slow stage, encoder or disk stops the reading, and
// memory stays flat.
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

// What all graphs of a run share: the arena of workers and the memory for frames. The scheduler
// limits the units that run at once, so that the least memory of each fits.
class AdmissionControl {
 public:
  explicit AdmissionControl(const Runtime& runtime);

  // Reserves the least memory that an input needs, for its own lifetime.
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
  // What each input may use now in addition to its least.
  std::int64_t share() const;
  // Is there a worker? The first call begins all of them. Thread-safe.
  bool has_workers();

  const Runtime& runtime;
  tbb::task_arena arena;

 private:
  void count(std::int64_t bytes, int inputs);

  // Limits only the workers: the threads that read and write never compute.
  tbb::global_control limit_;
  std::once_flag begun_;
  int workers_ = 0;
  mutable std::mutex mutex_;
  std::int64_t bytes_ = 0;
  int inputs_ = 0;
};

class GraphSession {
 public:
  explicit GraphSession(AdmissionControl& admission) : admission_(admission) {}

  // Runs in the calling thread until the file is complete. Throws Error.
  void run(std::unique_ptr<Session> session, const UnitFile& file);
  void go_on(Begun begun);  // continues a session begun one frame at a time

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
  std::shared_ptr<Ticket> admit(const FrameName& name, Work& maker);

  // A serial node in the graph. One that makes many frames of one stops when too many are in
  // progress, and goes on when some have left.
  struct SerialWork {
    SerialNode& node;
    std::size_t number;  // in the chain
    tbb::flow::receiver<Message>* self = nullptr;
    std::deque<Message> waiting = {};  // behind an item that left more to make
    bool has_more = false;
    std::uint64_t next_index = 0;  // of the next item that it emits
    double ready = 0;  // wall_seconds() when the latest item and all before it were there
  };
  using Send = std::function<void(const Message&)>;
  bool go_on(SerialWork& work, const Send& send);
  void push_next(SerialWork& work, const EmitItem& emit);
  bool has_room(SerialWork& work);
  std::int64_t frame_limit() const;

  tbb::flow::sender<Message>* add_serial(SerialNode& serial, std::size_t i);
  tbb::flow::sender<Message>* add_parallel(ParallelNode& parallel, std::size_t i);
  tbb::flow::sender<Message>* add_async(AsyncNode& async, std::size_t i);
  template <class N, class... Args>
  N& add_node(Args&&... args);

  AdmissionControl& admission_;
  std::unique_ptr<Session> session_;
  Chain chain_;

  tbb::task_group_context context_;
  std::unique_ptr<tbb::flow::graph> graph_;
  std::vector<std::unique_ptr<tbb::flow::graph_node>> nodes_;  // destroyed before the graph
  std::deque<SerialWork> serial_work_;
  std::vector<NodeStates> states_;  // by node of the chain
  tbb::flow::receiver<Message>* entry_ = nullptr;
  tbb::flow::sender<Message>* tail_ = nullptr;
  std::uint64_t next_index_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Coded> coded_;  // encoded, not yet written
  std::int64_t coded_bytes_ = 0;
  int undecoded_ = 0, in_progress_ = 0, waiting_ = 0;
  std::int64_t passing_bytes_ = 0;
  std::vector<tbb::flow::receiver<Message>*> parked_;  // nodes that wait for room
  bool ended_ = false;
  std::exception_ptr failure_;
  std::atomic<bool> failed_{false};
};

}  // namespace quadrant
