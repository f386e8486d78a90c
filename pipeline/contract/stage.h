// SPDX-License-Identifier: MIT
// What a stage promises. The executors decide how it runs: the planner derives strips, halos,
// windows and nodes from the promises alone, so one declaration serves every mode.
//
// A Stage never changes after configure(), so all workers share it. Whatever must be kept between
// calls is in a State made by begin(): an any_order stage has one per worker, only as scratch; an
// in_order stage has exactly one per input, as its memory.
//
// A stage works in one of three ways, and overrides the function for the one that processing()
// names:
//   tile    fills the requested rows, reading no farther than reach() around them
//   stream  takes a frame, emits frames: for stages whose library makes the frames itself, or
//           whose number of frames changes. An any_order stream emits one frame per frame. What
//           may be many frames of one comes from next(), so that it waits until there is room.
//   async   starts something that does not compute here (a remote call, a timer) and calls `done`
//           at its end; meanwhile it holds no core
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "pipeline/contract/catalogue.h"
#include "pipeline/contract/frame.h"
#include "pipeline/contract/param.h"
#include "pipeline/contract/promises.h"
#include "pipeline/contract/view.h"

namespace quadrant {

// The frames that process() may read: at(0) is the current one, at(-1) the one before.
class Window {
 public:
  Window(View now, std::int64_t pts) : views_{std::move(now)}, pts_(pts) {}
  // `current` is the index of the current frame in `views`, which are in order of time; `pts` is
  // its time.
  Window(std::vector<View> views, int current, std::int64_t pts)
      : views_(std::move(views)), current_(current), pts_(pts) {}

  const View& now() const { return at(0); }
  const View& at(int offset) const { return views_[static_cast<std::size_t>(current_ + offset)]; }
  // The available frames: fewer than reach() declares at the start and end of the input.
  int past() const { return current_; }
  int future() const { return static_cast<int>(views_.size()) - 1 - current_; }
  // When the current frame is shown, counted from the beginning of the input, in segments too:
  // ticks of the time base of its format, or seconds. What depends on time depends on this, never
  // on a number of calls.
  std::int64_t pts() const { return pts_; }
  double seconds() const {
    const Rational tick = now().format().time_base;
    return static_cast<double>(pts_) * tick.num / tick.den;
  }

 private:
  std::vector<View> views_;
  int current_ = 0;
  std::int64_t pts_ = 0;
};

using Tile = View;  // the rows that process() must fill: all of them, and nothing else

// Calls body(0) ... body(count - 1), on several cores at once if the mode allows, and returns when
// all are done.
using ParallelFor = std::function<void(int count, const std::function<void(int)>& body)>;
ParallelFor one_after_another();  // in the calling thread
using Emit = std::function<void(Frame)>;
using Done = std::function<void(Frame, std::exception_ptr)>;  // called once, from any thread

class Stage : public Configurable {
 public:
  struct State {
    virtual ~State() = default;
  };

  // Returns the output's format for the input format `in`, which the declaration accepts. Called
  // once, in planning, after the parameters are set. Throws Error if it is impossible.
  virtual Format configure(const Format& in) = 0;

  // Files that the result depends on besides the input, known from the parameters alone.
  virtual std::vector<std::string> files() const { return {}; }

  // What else it depends on, such as "python 3.11.2": versions of programs that compute for it,
  // known from the parameters alone. Throws nothing but Error(temporary): configure() tells what is
  // missing.
  virtual std::vector<std::string> environment() const { return {}; }

  // The promises; valid after configure().
  // Do its parameters name the pixel format of its output? If not, one that holds more than the
  // input's (RGB, 4:4:4) only comes with how it computes, and the planner converts it back.
  virtual bool names_its_format() const { return false; }
  virtual Processing processing() const { return Processing::tile; }
  virtual Order order() const { return Order::any_order; }
  virtual Reach reach() const { return {}; }
  // True for a stream that emits nothing before the input ends and keeps every frame until then.
  virtual bool keeps_all_frames() const { return false; }
  virtual std::vector<std::string> notes() const { return {}; }  // shown with the plan
  // For in_order: the number of frames after which the memory no longer depends on earlier ones;
  // nullopt: never. Each segment of a cut input starts with that many extra frames.
  virtual std::optional<int> warm_up() const { return std::nullopt; }
  // Why an input is not cut where that is nullopt; continues the stage's name.
  virtual std::string why_not_cut() const {
    return "remembers all frames before, so a segment cannot begin without them";
  }
  // For in_order with a finite memory: each segment of a cut input ends with that much more.
  virtual LookAhead look_ahead() const { return {}; }
  // For a stream that may give no frame for a frame: the seconds from one that it gives to the
  // next; 0: they vary, and an input is cut only if no later stage looks at other frames. What such
  // a stage gives at a moment depends on times, never on how many frames came before.
  virtual std::optional<double> spacing() const { return std::nullopt; }
  virtual std::unique_ptr<State> begin(const ParallelFor&) const { return nullptr; }

  virtual void process(const Window& in, const Tile& out, State* state) const;
  // An empty frame marks the end of the input: an in_order stream then emits what it still holds.
  virtual void stream(const Frame& in, State* state, const Emit& emit) const;
  // The next frame that the latest call of stream() left to be made; empty: there is none. Called
  // until there is none, then comes the next frame.
  virtual Frame next(State*) const { return {}; }
  virtual void start(Frame in, Done done) const;
};

// All that a stream gives for one frame.
void stream_all(const Stage& stage, const Frame& in, Stage::State* state, const Emit& emit);

enum class Accepts {
  planar,    // gray and planar YUV of 8 to 16 bits (PixelFormat::planar); others are converted
  anything,  // any format
};

struct StageInfo {
  std::string_view name;
  std::string_view summary;  // one line, starts with a verb
  std::string_view kind;     // for the catalogue: point, halo, geometry, whole frame, window, ...
  Accepts accepts = Accepts::planar;
  std::vector<Param> params;
  std::unique_ptr<Stage> (*make)() = nullptr;
};

template <class S>
std::unique_ptr<Stage> make_stage() {
  return std::make_unique<S>();
}

}  // namespace quadrant
