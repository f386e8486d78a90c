// SPDX-License-Identifier: MIT
// What the simulated executors share: cores, units to be done, and the count of frames in progress.
#pragma once

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>

#include "pipeline/scaling/simulate.h"
#include "pipeline/scaling/simulated_cores.h"

namespace quadrant {

class SimulatedRun {
 public:
  using Event = SimulatedCores::Event;

  SimulatedRun(const Workload& workload, Mode mode, int cores, int more_frames);

  // As BatchUnits: the heaviest unit that is known, else the next input, which is opened first.
  // Calls `then` with null when there is none left; waits while an input that is being opened may
  // bring more.
  void next(std::function<void(const ModelUnit*)> then);
  void done(const ModelUnit& unit, Event then);  // the last of an input finishes it

  void admit(std::int64_t frames = 1);
  void retire(std::int64_t frames = 1) { admit(-frames); }
  void unit_opened(int by) { most_units_ = std::max(most_units_, units_ += by); }
  // How many asked for a unit and have none, or never will.
  int unoccupied() const { return ended_ + static_cast<int>(idle_.size()); }

  Prediction prediction() const;

  const Workload& workload;
  const Mode mode;
  const int cores;
  const int frame_limit;  // in one unit
  SimulatedCores clock;

 private:
  using Then = std::function<void(const ModelUnit*)>;
  void open(std::size_t input, const Then& then);
  void wake();
  const ModelUnit* heaviest();

  std::size_t next_input_ = 0;
  int opening_ = 0, units_ = 0, most_units_ = 0, ended_ = 0;
  std::vector<const ModelUnit*> known_;  // and not begun
  std::vector<std::int64_t> left_;       // units by input
  std::deque<Then> idle_;
  std::int64_t in_progress_ = 0, peak_ = 0;
  double since_ = 0, frame_seconds_ = 0;
};

// As libx264 and its like, seen from outside: it fills up, then gives a frame for each that it
// takes; with threads of its own it computes in them, several frames at once, and who calls it
// waits for the one that is due.
class SimulatedEncoder {
 public:
  using Event = SimulatedCores::Event;

  SimulatedEncoder(SimulatedCores& clock, const ModelEncoder& costs, double scale);
  void push(Event then);   // called when the frame is taken
  void drain(Event then);  // called when all is out
  std::int64_t out() const { return std::max<std::int64_t>(0, pushed_ - costs_.held); }

 private:
  bool has_threads() const { return costs_.threads > 1; }
  void start_threads();
  void call_when_due(std::int64_t frames, double seconds, Event then);
  void look();

  SimulatedCores& clock_;
  ModelEncoder costs_;
  std::int64_t pushed_ = 0, begun_ = 0, ended_ = 0;
  bool draining_ = false;
  struct Caller {
    std::int64_t frames;  // that have to be out of the threads
    double seconds;
    Event then;
  };
  std::optional<Caller> caller_;
};

struct SimulatedCrew;

// Units in graphs of their own, whose tasks share the workers.
class SimulatedGraphs {
 public:
  explicit SimulatedGraphs(SimulatedRun& run);
  ~SimulatedGraphs();
  void start();  // as many as there may be, with unit after unit
  // Goes on with a unit that was begun one frame at a time: so many frames were decoded. Calls
  // `then` when it is done.
  void go_on(const ModelUnit& unit, std::int64_t decoded, std::unique_ptr<SimulatedEncoder> encoder,
             SimulatedRun::Event then);

 private:
  std::unique_ptr<SimulatedCrew> crew_;
};

// Play the run through to its end.
void simulate_one_frame(SimulatedRun& run);
void simulate_graph(SimulatedRun& run);

}  // namespace quadrant
