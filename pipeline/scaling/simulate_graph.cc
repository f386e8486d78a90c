// SPDX-License-Identifier: MIT
// `concurrent` and `frames`: units in graphs of their own, whose tasks share the workers.
#include <algorithm>
#include <memory>
#include <vector>

#include "pipeline/plan/bounds.h"
#include "pipeline/scaling/simulated_run.h"
#include "pipeline/scaling/simulated_workers.h"

namespace quadrant {

// What all graphs of a run share.
struct SimulatedCrew {
  SimulatedRun& run;
  SimulatedWorkers workers;
  int threads = 0;  // of encoders
  std::deque<SimulatedCores::Event> boarding;

  bool may_board(int more) const {
    return threads == 0 ||
           threads + more <= encoder_thread_limit(run.cores, units_at_once(run.mode, run.cores));
  }
};

namespace {

using Event = SimulatedCores::Event;

class Graph : public std::enable_shared_from_this<Graph> {
 public:
  explicit Graph(SimulatedCrew& crew) : crew_(crew), run_(crew.run) {}

  void next() {
    run_.next([self = shared_from_this()](const ModelUnit* unit) {
      if (unit) self->board(*unit);
    });
  }

  void go_on(const ModelUnit& unit, std::int64_t decoded, std::unique_ptr<SimulatedEncoder> encoder,
             Event then) {
    crew_.threads += encoder_threads(run_.workload.encode.threads);
    then_ = std::move(then);
    encoder_ = std::move(encoder);
    begin_at(unit, decoded);
    pump();
  }

 private:
  // The nodes are decode, the steps, encode.
  std::size_t encode_node() const { return run_.workload.steps.size() + 1; }
  const ModelStep& step(std::size_t node) const { return run_.workload.steps[node - 1]; }
  double scaled(double seconds) const { return seconds * unit_->scale; }

  void board(const ModelUnit& unit) {
    const int more = encoder_threads(run_.workload.encode.threads);
    if (!crew_.may_board(more))
      return crew_.boarding.push_back([self = shared_from_this(), &unit] { self->board(unit); });
    crew_.threads += more;
    begin(unit);
  }

  void leave() {
    crew_.threads -= encoder_threads(run_.workload.encode.threads);
    while (!crew_.boarding.empty()) {
      const Event first = std::move(crew_.boarding.front());
      crew_.boarding.pop_front();
      const std::size_t before = crew_.boarding.size();
      first();
      if (crew_.boarding.size() > before) break;  // it still does not fit
    }
  }

  void begin(const ModelUnit& unit) {
    then_ = [self = shared_from_this()] { self->next(); };
    encoder_ = std::make_unique<SimulatedEncoder>(run_.clock, run_.workload.encode, unit.scale);
    begin_at(unit, 0);
    run_.unit_opened(1);
    pumping_ = true;
    run_.clock.compute(run_.workload.begin, [self = shared_from_this()] { self->pumped(); });
  }

  void begin_at(const ModelUnit& unit, std::int64_t decoded) {
    unit_ = &unit;
    read_ = decoded;
    undecoded_ = in_progress_ = 0;
    coded_ = written_ = std::min(encoder_->out(), unit.frames);
    drained_ = false;
    const std::int64_t seen = std::max<std::int64_t>(0, decoded - (unit.decoded - unit.seen));
    busy_.assign(encode_node() + 1, false);
    orders_.assign(encode_node() + 1, SimulatedOrder(seen));
    orders_[0] = SimulatedOrder(decoded);
    windows_.assign(encode_node() + 1, {SimulatedOrder(seen), seen, seen});
  }

  // The thread of this input: writes what is coded, reads while it may.
  void pump() {
    if (pumping_) return;
    const Workload& w = run_.workload;
    if (written_ < coded_) {
      ++written_;
      return wait_for(w.write, [] {});
    }
    if (read_ < unit_->decoded && undecoded_ + in_progress_ < run_.frame_limit) {
      ++read_;
      return wait_for(w.read, [self = shared_from_this()] {
        ++self->undecoded_;
        self->arrived(0, self->read_ - 1);
      });
    }
    if (drained_ && written_ == coded_) finish();
  }

  void wait_for(const Cost& cost, const Event& then) {
    pumping_ = true;
    run_.clock.compute(scaled(cost.cpu), [self = shared_from_this(), wait = cost.wait, then] {
      self->run_.clock.wait(wait, [self, then] {
        then();
        self->pumped();
      });
    });
  }

  void pumped() {
    pumping_ = false;
    pump();
  }

  void finish() {
    pumping_ = true;
    leave();
    run_.done(*unit_, [self = shared_from_this()] {
      self->run_.unit_opened(-1);
      const Event then = std::move(self->then_);  // it holds us
      then();
    });
  }

  // A frame lies before the node.
  void arrived(std::size_t node, std::int64_t frame) {
    const bool is_step = node > 0 && node < encode_node();
    if (is_step && step(node).future > 0) return hold(node, frame);
    enter(node, frame);
  }

  // Frames go on once those after them have come, the last ones at the end.
  void hold(std::size_t node, std::int64_t frame) {
    Window& window = windows_[node];
    window.order.arrived(frame);
    while (window.order.ready()) {
      window.order.take();
      ++window.there;
    }
    const std::int64_t more = window.there == unit_->seen ? 0 : step(node).future;
    while (window.given + more < window.there) enter(node, window.given++);
  }

  void enter(std::size_t node, std::int64_t frame) {
    const bool is_step = node > 0 && node < encode_node();
    if (!is_step || step(node).kind == ModelStep::Kind::lane) {
      orders_[node].arrived(frame);
      return look(node);
    }
    crew_.workers.spawn(node, [self = shared_from_this(), node, frame](const Event& done) {
      self->compute_step(node, done, [self, node, frame] { self->arrived(node + 1, frame); });
    });
  }

  void compute_step(std::size_t node, const Event& done, const Event& then) {
    const Cost cost = step(node).cost();
    run_.clock.compute(scaled(cost.cpu), [self = shared_from_this(), cost, done, then] {
      if (cost.wait > 0)
        self->run_.clock.wait(cost.wait, then);
      else
        then();
      done();
    });
  }

  // An ordered lane does one after another.
  void look(std::size_t node, bool goes_on = false) {
    if (busy_[node] || !orders_[node].ready()) return;
    busy_[node] = true;
    const std::int64_t frame = orders_[node].take();
    const SimulatedWorkers::Task task = [self = shared_from_this(), node,
                                         frame](const Event& done) {
      const auto then = [self, node, done] {
        self->busy_[node] = false;
        self->look(node, true);
        done();
      };
      if (node == 0) return self->decode(frame, then);
      if (node == self->encode_node()) return self->encode(frame, then);
      self->compute_step(node, then, [self, node, frame] { self->arrived(node + 1, frame); });
    };
    if (goes_on) return crew_.workers.go_on(task);
    node == 0 ? crew_.workers.feed(task) : crew_.workers.spawn(node, task);
  }

  void decode(std::int64_t packet, const Event& then) {
    run_.clock.compute(scaled(run_.workload.decode), [self = shared_from_this(), packet, then] {
      --self->undecoded_;
      const std::int64_t frame = packet - (self->unit_->decoded - self->unit_->seen);
      if (frame >= 0) {
        ++self->in_progress_;
        self->run_.admit();
        self->arrived(1, frame);
      }
      self->pump();
      then();
    });
  }

  void encode(std::int64_t frame, const Event& then) {
    const bool last = frame + 1 == unit_->seen;
    const auto taken = [self = shared_from_this(), last, then] {
      self->leave_encoder();
      if (!last) return then();
      self->encoder_->drain([self, then] {
        self->coded_ = self->unit_->frames;
        self->drained_ = true;
        self->pump();
        then();
      });
    };
    frame >= unit_->seen - unit_->frames ? encoder_->push(taken) : taken();
  }

  void leave_encoder() {
    coded_ = std::min(encoder_->out(), unit_->frames);
    --in_progress_;
    run_.retire();
    pump();
  }

  struct Window {
    SimulatedOrder order;
    std::int64_t there = 0, given = 0;
  };

  SimulatedCrew& crew_;
  SimulatedRun& run_;
  const ModelUnit* unit_ = nullptr;
  std::unique_ptr<SimulatedEncoder> encoder_;
  Event then_;  // when the unit is done
  bool pumping_ = false, drained_ = false;
  std::int64_t read_ = 0, undecoded_ = 0, in_progress_ = 0, coded_ = 0, written_ = 0;
  std::vector<char> busy_;              // by node, as the next two
  std::vector<SimulatedOrder> orders_;  // of the lanes
  std::vector<Window> windows_;         // before the steps
};

}  // namespace

SimulatedGraphs::SimulatedGraphs(SimulatedRun& run)
    : crew_(new SimulatedCrew{run, SimulatedWorkers(run.cores), 0, {}}) {}

SimulatedGraphs::~SimulatedGraphs() = default;

void SimulatedGraphs::start() {
  const int units = units_at_once(crew_->run.mode, crew_->run.cores);
  for (int i = 0; i < units; ++i) std::make_shared<Graph>(*crew_)->next();
}

void SimulatedGraphs::go_on(const ModelUnit& unit, std::int64_t decoded,
                            std::unique_ptr<SimulatedEncoder> encoder, SimulatedRun::Event then) {
  std::make_shared<Graph>(*crew_)->go_on(unit, decoded, std::move(encoder), std::move(then));
}

void simulate_graph(SimulatedRun& run) {
  SimulatedGraphs graphs(run);
  graphs.start();
  run.clock.run();
}

}  // namespace quadrant
