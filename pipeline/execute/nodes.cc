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

// A run of tileable any-order stages, or one stage that needs the whole frame.
class ParallelTileNode final : public ParallelNode {
 public:
  template <class... Args>
  explicit ParallelTileNode(Args&&... args) : step_(std::forward<Args>(args)...) {}
  Item apply(Item item) override {
    if (Picture* p = item.picture()) *p = with_frame(*p, step_.run(*p));
    return item;
  }

 private:
  TileStep step_;
};

class SerialTileNode final : public SerialNode {
 public:
  template <class... Args>
  explicit SerialTileNode(Args&&... args) : step_(std::forward<Args>(args)...) {}
  void push(Item item, const EmitItem& emit) override {
    if (Picture* p = item.picture()) *p = with_frame(*p, step_.run(*p));
    emit(std::move(item));
  }

 private:
  TileStep step_;
};

// Gives each frame its neighbours in time; holds a frame until its later neighbours have come.
class WindowNode final : public SerialNode {
 public:
  WindowNode(int past, int future) : past_(past), future_(future) { holds_frames = true; }

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

// A stage whose library makes the frames, each independent of the others: one state per worker.
class ParallelStreamNode final : public ParallelNode {
 public:
  ParallelStreamNode(const PlannedStage& s, ParallelFor slices, StageMeter& meter)
      : s_(s), slices_(std::move(slices)), meter_(meter) {}

  Item apply(Item item) override {
    Picture* p = item.picture();
    if (!p) return item;
    auto state = idle_.take([&] { return s_.stage->begin(slices_); });
    Frame made;
    meter_.time([&] {
      stream_all(*s_.stage, p->frame(), state.get(), [&](Frame f) { made = std::move(f); });
    });
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

// The same in order, where the number of frames may change. The first frame that comes out for an
// input frame takes over that frame's ticket, all others get their own. The time spent downstream
// is not counted for this stage.
class SerialStreamNode final : public SerialNode {
 public:
  SerialStreamNode(const PlannedStage& s, ParallelFor slices, StageMeter& meter, Admit admit)
      : s_(s), state_(s.stage->begin(slices)), meter_(meter), admit_(std::move(admit)) {
    makes_many = true;
  }

  void push(Item item, const EmitItem& emit) override {
    Picture* p = item.picture();
    has_ended_ = std::holds_alternative<End>(item.what);
    if (!p && !has_ended_) return emit(std::move(item));
    ticket_ = p ? std::move(p->ticket) : nullptr;
    may_have_more_ = true;
    std::optional<ScopedTimer> timer(std::in_place, meter_);
    s_.stage->stream(p ? p->frame() : Frame(), state_.get(), [&](Frame f) {
      timer.reset();
      give(std::move(f), emit);
      timer.emplace(meter_, -1, 0);
    });
  }

  bool more(const EmitItem& emit) override {
    if (!may_have_more_) return false;
    Frame made;
    {
      const ScopedTimer timer(meter_, -1, 0);
      made = s_.stage->next(state_.get());
    }
    may_have_more_ = static_cast<bool>(made);
    if (may_have_more_) return give(std::move(made), emit), true;
    ticket_.reset();
    if (has_ended_) emit(Item{0, End{}});
    return false;
  }

 private:
  void give(Frame made, const EmitItem& emit) {
    std::shared_ptr<Ticket> ticket = std::exchange(ticket_, nullptr);
    const double seconds = static_cast<double>(made.pts()) * made.format().time_base.value();
    if (!ticket) ticket = admit_({.what = "frame made of another", .seconds = seconds}, *this);
    emit(Item{0, Picture{{std::move(made)}, 0, std::move(ticket)}});
  }

  const PlannedStage& s_;
  std::unique_ptr<Stage::State> state_;
  StageMeter& meter_;
  Admit admit_;
  std::shared_ptr<Ticket> ticket_;
  bool may_have_more_ = false, has_ended_ = false;
};

class AsyncStageNode final : public AsyncNode {
 public:
  AsyncStageNode(const PlannedStage& s, StageMeter& meter) : s_(s), meter_(meter) {}

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

class TapNode final : public ParallelNode {
 public:
  TapNode(const FrameTap& tap, int index) : tap_(tap), index_(index) {}
  Item apply(Item item) override {
    if (const Picture* p = item.picture())
      tap_.on_frame(index_, p->frame().pts(), View(p->frame()));
    return item;
  }

 private:
  FrameTap tap_;
  int index_;
};

}  // namespace

void append_tap(Chain& chain, const FrameTap& tap, int index) {
  if (tap) chain.push_back(std::make_unique<TapNode>(tap, index));
}

void append_nodes(Chain& chain, const Step& step, const TileLoops& loops, InputMeter& meter,
                  int& index, const FrameTap& tap, const Admit& admit) {
  const int first_index = index;
  std::vector<StageMeter*> meters;
  for (const PlannedStage& s : step.stages) meters.push_back(&meter.stage(index++, s.name));
  const PlannedStage& first = step.stages.front();
  const bool in_order = step.order == Order::in_order;
  if (step.processing == Processing::async) {
    chain.push_back(std::make_unique<AsyncStageNode>(first, *meters[0]));
  } else if (step.processing == Processing::stream && in_order) {
    chain.push_back(std::make_unique<SerialStreamNode>(first, loops.slices, *meters[0], admit));
  } else if (step.processing == Processing::stream) {
    chain.push_back(std::make_unique<ParallelStreamNode>(first, loops.slices, *meters[0]));
  } else {
    if (step.past + step.future > 0)
      chain.push_back(std::make_unique<WindowNode>(step.past, step.future));
    if (in_order)
      chain.push_back(std::make_unique<SerialTileNode>(step, loops.strips, loops.slices, meters,
                                                       tap, first_index));
    else
      chain.push_back(std::make_unique<ParallelTileNode>(step, loops.strips, loops.slices, meters,
                                                         tap, first_index));
    return;  // TileStep shows what each stage makes
  }
  append_tap(chain, tap, first_index);
}

}  // namespace quadrant
