// SPDX-License-Identifier: MIT
// What a stage promises. How it is run is the executors' business: from the promises alone the
// planner derives tiles, halos, windows and nodes, so one declaration serves every mode.
//
// A Stage never changes after configure(), so all workers share it. What must be kept between
// calls lives in a State made by begin(): the executor keeps one for each worker of an any_order
// stage, where it is only scratch, and exactly one for each input of an in_order stage, where it
// is the stage's memory.
//
// There are three ways to do the work, and a stage overrides the one that processing() names:
//   tile    fill the rows asked for, reading no farther than reach() around them
//   stream  take a frame, give back frames: for stages whose library makes the frames itself, or
//           whose number of frames changes. An any_order stream gives one frame for each.
//   wait    begin something that is not computing here (a remote call, a timer), and say when it
//           is done; no core is held meanwhile
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

// The frames process() may read: at(0) is the current one, at(-1) the one before.
class Window {
 public:
  explicit Window(View now) : views_{std::move(now)} {}
  // `current` is the index of the current frame in `views`, which are in order of time.
  Window(std::vector<View> views, int current) : views_(std::move(views)), current_(current) {}

  const View& now() const { return at(0); }
  const View& at(int offset) const { return views_[static_cast<std::size_t>(current_ + offset)]; }
  // How many there are: less than reach() asks for at the first and last frames of the input.
  int past() const { return current_; }
  int future() const { return static_cast<int>(views_.size()) - 1 - current_; }

 private:
  std::vector<View> views_;
  int current_ = 0;
};

using Tile = View;  // the rows process() must fill: all of them, and nothing else

// Calls body(0) ... body(count - 1), at once on several cores where the mode allows it, and
// returns when all are done.
using ParallelFor = std::function<void(int count, const std::function<void(int)>& body)>;
using Emit = std::function<void(Frame)>;
using Done = std::function<void(Frame, std::exception_ptr)>;  // exactly one call, from any thread

class Stage : public Configurable {
 public:
  struct State {
    virtual ~State() = default;
  };

  // The output's format for this input's. Called once, while planning, after the parameters are
  // set; throws Error where it cannot be. The input has a format that the declaration accepts.
  virtual Format configure(const Format& in) = 0;

  // Files beside the input that the result depends on, known from the parameters alone.
  virtual std::vector<std::string> files() const { return {}; }

  // The promises; valid after configure().
  virtual Processing processing() const { return Processing::tile; }
  virtual Order order() const { return Order::any_order; }
  virtual Reach reach() const { return {}; }
  // A stream that gives nothing before the input ended, and keeps every frame until then.
  virtual bool keeps_all_frames() const { return false; }
  virtual std::vector<std::string> notes() const { return {}; }  // for the plan: worth knowing
  // in_order: after how many frames the memory no longer depends on what was before; nullopt:
  // never. A cut input (segments) is warmed by that many frames.
  virtual std::optional<int> warm_up() const { return std::nullopt; }
  virtual std::unique_ptr<State> begin(const ParallelFor&) const { return nullptr; }

  virtual void process(const Window& in, const Tile& out, State* state) const;
  // An empty frame says that the input ended: an in_order stream emits what it still holds.
  virtual void stream(const Frame& in, State* state, const Emit& emit) const;
  virtual void start(Frame in, Done done) const;
};

enum class Accepts {
  planar,    // gray and planar YUV of 8 to 16 bits (PixelFormat::planar); others are converted
  anything,  // whatever comes
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
