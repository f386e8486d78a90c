// SPDX-License-Identifier: MIT
// `sequential`, `tiles` and `segments`: workers that take a unit each and bring one frame at a time
// from the packet to the file.
#include <memory>

#include "pipeline/plan/bounds.h"
#include "pipeline/scaling/simulated_run.h"

namespace quadrant {
namespace {

class Worker : public std::enable_shared_from_this<Worker> {
 public:
  Worker(SimulatedRun& run, SimulatedGraphs& graphs) : run_(run), graphs_(graphs) {}

  void next() {
    run_.next([self = shared_from_this()](const ModelUnit* unit) {
      if (unit) self->begin(*unit);
    });
  }

 private:
  // What a frame does one after another.
  struct Piece {
    double compute = 0, wait = 0;
    int strips = 1;
  };

  void begin(const ModelUnit& unit) {
    unit_ = &unit;
    frame_ = 0;
    encoder_ = std::make_unique<SimulatedEncoder>(run_.clock, run_.workload.encode, unit.scale);
    plan_pieces();
    run_.unit_opened(1);
    run_.clock.compute(run_.workload.begin, [self = shared_from_this()] { self->frame(); });
  }

  // Neighbours that run on one core are one piece.
  void plan_pieces() {
    pieces_.assign(1, {});
    for (const ModelStep& step : run_.workload.steps) {
      const Cost cost = step.cost();
      const int strips = run_.mode == Mode::tiles ? step.strips : 1;
      if (strips > 1) pieces_.push_back({.strips = strips});
      pieces_.back().compute += cost.cpu * unit_->scale;
      pieces_.back().wait += cost.wait;
      if (strips > 1 || cost.wait > 0) pieces_.push_back({});
    }
  }

  void frame() {
    if (frame_ == unit_->decoded) return end();
    if (run_.mode == Mode::segments && can_help(run_.unoccupied(), run_.cores)) return give_away();
    const Workload& w = run_.workload;
    const double decoding = (w.read.cpu + w.decode) * unit_->scale;
    run_.clock.compute(decoding, [self = shared_from_this()] {
      self->run_.clock.wait(self->run_.workload.read.wait, [self] { self->decoded(); });
    });
  }

  void decoded() {
    const bool seen = frame_++ >= unit_->decoded - unit_->seen;
    if (!seen) return frame();
    run_.admit();
    piece(0);
  }

  void piece(std::size_t i) {
    if (i == pieces_.size()) return encode();
    const Piece& p = pieces_[i];
    const auto then = [self = shared_from_this(), i] {
      self->run_.clock.wait(self->pieces_[i].wait, [self, i] { self->piece(i + 1); });
    };
    p.strips > 1 ? spread(p, then) : run_.clock.compute(p.compute, then);
  }

  // Strips are taken one by one by whichever core is free, so the last to end decides.
  void spread(const Piece& p, const SimulatedRun::Event& then) {
    const int cores = std::min(run_.cores, p.strips);
    const auto left = std::make_shared<int>(cores);
    for (int core = 0; core < cores; ++core) {
      const int strips = p.strips / cores + (core < p.strips % cores ? 1 : 0);
      const double work = p.compute * strips / p.strips + (cores > 1 ? run_.workload.spread : 0);
      run_.clock.compute(work, [left, then] {
        if (--*left == 0) then();
      });
    }
  }

  void encode() {
    const bool given = frame_ > unit_->decoded - unit_->frames;
    if (!given) return taken();
    encoder_->push([self = shared_from_this()] { self->write(1, [self] { self->taken(); }); });
  }

  void write(std::int64_t packets, const SimulatedRun::Event& then) {
    const Cost& cost = run_.workload.write;
    const auto count = static_cast<double>(packets);
    run_.clock.compute(count * cost.cpu, [self = shared_from_this(), count, then] {
      self->run_.clock.wait(count * self->run_.workload.write.wait, then);
    });
  }

  void taken() {
    run_.retire();
    frame();
  }

  // As execute/segments.cc does with the last units.
  void give_away() {
    graphs_.go_on(*unit_, frame_, std::move(encoder_),
                  [self = shared_from_this()] { self->next(); });
  }

  void end() {
    run_.admit();
    encoder_->drain([self = shared_from_this()] {
      self->run_.retire();
      self->run_.done(*self->unit_, [self] {
        self->run_.unit_opened(-1);
        self->next();
      });
    });
  }

  SimulatedRun& run_;
  SimulatedGraphs& graphs_;
  const ModelUnit* unit_ = nullptr;
  std::int64_t frame_ = 0;
  std::vector<Piece> pieces_;
  std::unique_ptr<SimulatedEncoder> encoder_;
};

}  // namespace

void simulate_one_frame(SimulatedRun& run) {
  SimulatedGraphs graphs(run);
  const int workers = units_at_once(run.mode, run.cores);
  for (int i = 0; i < workers; ++i) std::make_shared<Worker>(run, graphs)->next();
  run.clock.run();
}

}  // namespace quadrant
