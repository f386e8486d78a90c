// SPDX-License-Identifier: MIT
#include "pipeline/execute/nodes.h"

#include <deque>
#include <optional>

#include "pipeline/contract/stage.h"
#include "pipeline/execute/idle.h"

namespace quadrant {
namespace {

Picture with_frame(Picture picture, Frame frame) {
  return {{std::move(frame)}, 0, std::move(picture.ticket)};
}

// A run of tileable any-order stages, or one that needs the whole frame.
class TileMap final : public Map {
 public:
  template <class... Args>
  explicit TileMap(Args&&... args) : step_(std::forward<Args>(args)...) {}
  Item apply(Item item) override {
    if (Picture* p = item.picture()) *p = with_frame(*p, step_.run(*p));
    return item;
  }

 private:
  TileStep step_;
};

class TileLane final : public Lane {
 public:
  template <class... Args>
  explicit TileLane(Args&&... args) : step_(std::forward<Args>(args)...) {}
  void push(Item item, const EmitItem& emit) override {
    if (Picture* p = item.picture()) *p = with_frame(*p, step_.run(*p));
    emit(std::move(item));
  }

 private:
  TileStep step_;
};

// Gives each frame its neighbours in time. A frame waits here for those that come after it.
class WindowLane final : public Lane {
 public:
  WindowLane(int past, int future) : past_(past), future_(future) { holds_frames = true; }

  void push(Item item, const EmitItem& emit) override {
    if (Picture* p = item.picture()) {
      waiting_.push_back(std::move(*p));
      if (static_cast<int>(waiting_.size()) > future_) give(emit);
      return;
    }
    if (std::holds_alternative<End>(item.what))
      while (!waiting_.empty()) give(emit);
    emit(std::move(item));
  }

 private:
  void give(const EmitItem& emit) {
    Picture now = std::move(waiting_.front());
    waiting_.pop_front();
    const Frame frame = now.frame();
    now.frames.assign(before_.begin(), before_.end());
    now.current = static_cast<int>(now.frames.size());
    now.frames.push_back(frame);
    for (const Picture& after : waiting_) now.frames.push_back(after.frame());
    before_.push_back(frame);
    if (static_cast<int>(before_.size()) > past_) before_.pop_front();
    emit(Item{0, std::move(now)});
  }

  int past_, future_;
  std::deque<Frame> before_;
  std::deque<Picture> waiting_;
};

// A stage whose library makes the frames, each independent of the others: one state a worker.
class StreamMap final : public Map {
 public:
  StreamMap(const PlannedStage& s, ParallelFor slices, StageMeter& meter)
      : s_(s), slices_(std::move(slices)), meter_(meter) {}

  Item apply(Item item) override {
    Picture* p = item.picture();
    if (!p) return item;
    auto state = idle_.take([&] { return s_.stage->begin(slices_); });
    Frame made;
    meter_.time(
        [&] { s_.stage->stream(p->frame(), state.get(), [&](Frame f) { made = std::move(f); }); });
    idle_.give_back(std::move(state));
    if (!made) fail(Fault::internal, "{}: gave no frame for a frame", s_.name);
    *p = with_frame(*p, std::move(made));
    return item;
  }

 private:
  const PlannedStage& s_;
  ParallelFor slices_;
  StageMeter& meter_;
  Idle<Stage::State> idle_;
};

// The same in order, where the number of frames may change. What comes out for a frame holds that
// frame's ticket; what comes out at the end was paid for long ago. A frame goes on as soon as it is
// made, for there may be hundreds of them, and what comes of it downstream is not this stage's
// time.
class StreamLane final : public Lane {
 public:
  StreamLane(const PlannedStage& s, ParallelFor slices, StageMeter& meter)
      : s_(s), state_(s.stage->begin(slices)), meter_(meter) {}

  void push(Item item, const EmitItem& emit) override {
    const Picture* p = item.picture();
    const bool end = std::holds_alternative<End>(item.what);
    if (p || end) {
      const Picture in = p ? *p : Picture{};
      stream(p ? in.frame() : Frame(), [&](Frame f) {
        emit(Item{0, Picture{{std::move(f)}, 0, in.ticket}});
      });
    }
    if (!p) emit(std::move(item));
  }

 private:
  void stream(const Frame& in, const Emit& emit) {
    std::optional<Mark> mark(std::in_place, meter_);
    s_.stage->stream(in, state_.get(), [&](Frame f) {
      mark.reset();
      emit(std::move(f));
      mark.emplace(meter_, -1, 0);
    });
  }

  const PlannedStage& s_;
  std::unique_ptr<Stage::State> state_;
  StageMeter& meter_;
};

class StageWait final : public Wait {
 public:
  StageWait(const PlannedStage& s, StageMeter& meter) : s_(s), meter_(meter) {}

  void start(Item item, Done done) override {
    const Picture* p = item.picture();
    if (!p) return done(std::move(item), nullptr);
    const Frame in = p->frame();
    const double began = wall_seconds();
    meter_.time([&] {
      s_.stage->start(in, [this, began, item = std::move(item), done = std::move(done)](
                              Frame out, std::exception_ptr failure) mutable {
        meter_.add_wait(wall_seconds() - began);
        if (out) *item.picture() = with_frame(*item.picture(), std::move(out));
        done(std::move(item), failure);
      });
    });
  }

 private:
  const PlannedStage& s_;
  StageMeter& meter_;
};

class LookoutMap final : public Map {
 public:
  LookoutMap(const Lookout& lookout, int place) : lookout_(lookout), place_(place) {}
  Item apply(Item item) override {
    if (const Picture* p = item.picture()) lookout_.saw(place_, p->frame().pts(), View(p->frame()));
    return item;
  }

 private:
  Lookout lookout_;
  int place_;
};

}  // namespace

ParallelFor one_after_another() {
  return [](int count, const std::function<void(int)>& body) {
    for (int i = 0; i < count; ++i) body(i);
  };
}

void append_lookout(Chain& chain, const Lookout& lookout, int place) {
  if (lookout) chain.push_back(std::make_unique<LookoutMap>(lookout, place));
}

void append_nodes(Chain& chain, const Step& step, const Spread& spread, InputMeter& meter,
                  int& place, const Lookout& lookout) {
  const int first_place = place;
  std::vector<StageMeter*> meters;
  for (const PlannedStage& s : step.stages) meters.push_back(&meter.stage(place++, s.name));
  const PlannedStage& first = step.stages.front();
  const bool in_order = step.order == Order::in_order;
  if (step.way == Way::wait) {
    chain.push_back(std::make_unique<StageWait>(first, *meters[0]));
  } else if (step.way == Way::stream && in_order) {
    chain.push_back(std::make_unique<StreamLane>(first, spread.slices, *meters[0]));
  } else if (step.way == Way::stream) {
    chain.push_back(std::make_unique<StreamMap>(first, spread.slices, *meters[0]));
  } else {
    if (step.past + step.future > 0)
      chain.push_back(std::make_unique<WindowLane>(step.past, step.future));
    if (in_order)
      chain.push_back(std::make_unique<TileLane>(step, spread.strips, spread.slices, meters,
                                                 lookout, first_place));
    else
      chain.push_back(std::make_unique<TileMap>(step, spread.strips, spread.slices, meters, lookout,
                                                first_place));
    return;  // it shows what each of its stages makes
  }
  append_lookout(chain, lookout, first_place);
}

}  // namespace quadrant
